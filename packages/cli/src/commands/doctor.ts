import type { Command } from "commander";
import { examine } from "../doctor/examine.js";
import { formatDiagnosis } from "../doctor/text.js";

interface Flags {
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("doctor")
    .summary("what this machine has, and what would make it faster")
    .description(
      "Shows the engines that can run here, their versions, instruction set, threads and precisions, and the data cache. Exit code 1 if no engine can run.",
    )
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(doctor);
}

async function doctor({ json }: Flags): Promise<void> {
  const found = await examine();
  process.stdout.write(`${json ? JSON.stringify(found, null, 2) : formatDiagnosis(found)}\n`);
  if (!found.chosen) process.exitCode = 1;
}

const EXAMPLES = `
Examples:
  regnet doctor
  regnet doctor --json | jq -r .remedy
  REGNET_ONEDNN=/opt/onednn/lib/libdnnl.so regnet doctor      try another oneDNN`;
