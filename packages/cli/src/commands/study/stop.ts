import type { Command } from "commander";
import { messageOf } from "../../errors.js";
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
  const { cancelled, problem } = await cancelJobs(study).then(
    (jobs) => ({ cancelled: jobs, problem: undefined }),
    (error: unknown) => ({ cancelled: 0, problem: messageOf(error) }),
  );
  if (json) printJson({ asked: asked ?? null, cancelled, ...(problem && { problem }) });
  else for (const line of describe(asked, cancelled, problem)) print(line);
  if (problem && !asked) process.exitCode = 1;
}

function describe(asked: { host: string; pid: number } | undefined, cancelled: number, problem?: string): string[] {
  if (!asked && cancelled === 0 && !problem) return ["nobody runs this study"];
  return [
    ...(asked ? [`asked process ${asked.pid} on ${asked.host} to stop`] : ["nobody coordinates this study"]),
    ...(cancelled > 0 ? [`cancelled ${cancelled} jobs`] : []),
    ...(problem ? [`its jobs cannot be cancelled from here: ${problem}`] : []),
  ];
}

const EXAMPLES = `
Examples:
  regnet study stop c10`;
