import type { RunningTrial, StudyStatus } from "@regnet/study";
import type { Command } from "commander";
import pc from "picocolors";
import { describeDone, duration, percent, print, printJson } from "./format.js";

/** `regnet study status` */
export function registerStatus(study: Command): void {
  study
    .command("status")
    .description("Where a study stands: what is done, what runs and where, the best so far.")
    .argument("<folder>", "the study")
    .option("--json", "print it as JSON")
    .addHelpText("after", EXAMPLES)
    .action(showStatus);
}

async function showStatus(folder: string, { json }: { json?: boolean }): Promise<void> {
  const { restingStatus } = await import("@regnet/study/study");
  const resting = restingStatus(folder);
  const { status, epochs } = resting ? { status: resting } : await lookAt(folder);
  if (json) printJson(status);
  else describe(status, epochs);
}

async function lookAt(folder: string): Promise<{ status: StudyStatus; epochs?: number }> {
  const { openStudy, studyStatus } = await import("@regnet/study/study");
  const { pendingJobs } = await import("@regnet/study/executors");
  const study = openStudy(folder);
  return { status: studyStatus(study, await pendingJobs(study)), epochs: study.spec.epochs };
}

/** @param epochs of every trial, for those that run */
function describe(status: StudyStatus, epochs = 0): void {
  const { name, folder, trials, done, failed, running, waiting, best, coordinator, jobs } = status;
  print(`${pc.bold(name)}  ${pc.dim(folder)}`);
  const count = (what: string, n: number) => (n > 0 ? `, ${what} ${n}` : "");
  print(
    `done ${done} of ${trials}${count("failed", failed)}${count("running", running.length)}${count("waiting", waiting)}`,
  );
  if (status.seconds > 0) print(`trained for ${duration(status.seconds)} in all`);
  if (best) print(`best: ${describeDone(best)}`);
  for (const trial of running) print(`  ${describeRunning(trial, epochs)}`);
  if (jobs) print(`scheduler: ${jobs.running} running, ${jobs.queued} queued`);
  for (const note of jobs?.notes ?? []) print(`  ${note}`);
  for (const note of status.notes) print(pc.yellow(`note: ${note}`));
  if (coordinator) print(`run by process ${coordinator.pid} on ${coordinator.host}`);
  else if (waiting + running.length > 0) print(`nobody runs it: regnet study run ${folder}`);
}

function describeRunning({ id, host, pid, epochs: done, error, sure }: RunningTrial, epochs: number): string {
  const reached = `epoch ${done}/${epochs}${error === undefined ? "" : `, error ${percent(error)}`}`;
  return `trial ${id}: ${reached} (process ${pid ?? "?"} on ${host ?? "?"}${sure ? "" : ", if it still lives"})`;
}

const EXAMPLES = `
Examples:
  regnet study status c10
  regnet study status c10 --json | jq .best`;
