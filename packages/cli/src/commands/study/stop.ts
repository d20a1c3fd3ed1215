import type { Command } from "commander";
import { print, printJson } from "./format.js";

/** `regnet study stop` */
export function registerStop(study: Command): void {
  study
    .command("stop")
    .description(
      "Ask whoever runs a study to stop: its running trials leave checkpoints, and running it again goes on.",
    )
    .argument("<folder>", "the study")
    .option("--json", "print what was asked as JSON")
    .addHelpText("after", EXAMPLES)
    .action(stopStudy);
}

async function stopStudy(folder: string, { json }: { json?: boolean }): Promise<void> {
  const { openStudy, requestStop } = await import("@regnet/study");
  const owner = requestStop(openStudy(folder))?.record?.owner;
  const asked = owner && { host: owner.host, pid: owner.pid };
  if (json) printJson({ asked: asked ?? null });
  else if (asked) print(`asked process ${asked.pid} on ${asked.host} to stop`);
  else print("nobody runs this study");
}

const EXAMPLES = `
Examples:
  regnet study stop c10`;
