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
  const { openStudy, requestStop } = await import("@regnet/study/study");
  const { cancelJobs } = await import("@regnet/study/executors");
  const study = openStudy(folder);
  const owner = requestStop(study)?.record?.owner;
  const asked = owner && { host: owner.host, pid: owner.pid };
  const cancelled = await cancelJobs(study);
  if (json) printJson({ asked: asked ?? null, cancelled });
  else for (const line of describe(asked, cancelled)) print(line);
}

function describe(asked: { host: string; pid: number } | undefined, cancelled: number): string[] {
  if (!asked && cancelled === 0) return ["nobody runs this study"];
  return [
    ...(asked ? [`asked process ${asked.pid} on ${asked.host} to stop`] : []),
    ...(cancelled > 0 ? [`cancelled ${cancelled} jobs`] : []),
  ];
}

const EXAMPLES = `
Examples:
  regnet study stop c10`;
