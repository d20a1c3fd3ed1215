import { RegnetError } from "@regnet/core";
import type { Executor, RunSummary } from "@regnet/study";
import type { Command } from "commander";
import { parseCount } from "../../quantities.js";
import { addExecutorOptions, createExecutor, type ExecutorFlags } from "./executor.js";
import { describeDone, duration, print, printJson, say } from "./format.js";

interface Flags extends ExecutorFlags {
  trials?: number;
  retryFailed?: boolean;
  json?: boolean;
}

/** `regnet study run` */
export function registerRun(study: Command): void {
  const command = study
    .command("run")
    .description("Run a study until every trial has a result. Run it again to go on where it was.")
    .argument("<folder>", "the study")
    .option("-n, --trials <n>", "total of trials; may only grow", (text) => parseCount(text, "--trials"))
    .option("--retry-failed", "run failed trials anew")
    .option("--json", "print the summary as JSON, without progress");
  addExecutorOptions(command).addHelpText("after", EXAMPLES).action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const { openStudy, runStudy, spaceSampler } = await import("@regnet/study/study");
  const { createProgress } = await import("./progress.js");
  const executor = await createExecutor(flags);
  await expectAvailable(executor);
  const study = openStudy(folder);
  const progress = createProgress(study, flags.json ? "none" : process.stderr.isTTY ? "bars" : "lines");
  const { signal, release } = stopOnInterrupt();
  try {
    const summary = await runStudy(study, {
      executor,
      sampler: spaceSampler(),
      trials: flags.trials,
      retryFailed: flags.retryFailed,
      observer: progress.observer,
      signal,
    });
    progress.end();
    if (flags.json) printJson(plain(summary));
    else describe(summary);
    if (summary.waiting > 0 || summary.done === 0) process.exitCode = 1;
  } finally {
    progress.end();
    release();
  }
}

async function expectAvailable(executor: Executor): Promise<void> {
  const state = await executor.probe();
  if (!state.available) throw new RegnetError(`${state.reason}; ${state.remedy}`, "unsupported");
}

/** The first Ctrl-C lets the running trials leave checkpoints; the second ends at once. */
function stopOnInterrupt(): { signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(1);
    say("stopping: the running trials leave checkpoints; press Ctrl-C again to end at once");
    stop.abort(new Error("interrupted"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: stop.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

function describe({ study, trials, done, failed, waiting, best, seconds, stopped }: RunSummary): void {
  const parts = [`done ${done} of ${trials}`, failed > 0 && `failed ${failed}`, waiting > 0 && `waiting ${waiting}`];
  print(`${stopped ? "stopped" : "finished"} after ${duration(seconds)}: ${parts.filter(Boolean).join(", ")}`);
  if (best) print(`best: ${describeDone(best)}`);
  if (waiting > 0) print(`go on with: regnet study run ${study.folder}`);
  else if (failed > 0) print(`try the failed ones again with: regnet study run ${study.folder} --retry-failed`);
}

function plain({ study, ...summary }: RunSummary): unknown {
  return { folder: study.folder, ...summary };
}

const EXAMPLES = `
Examples:
  regnet study run c10
  regnet study run c10 --trials 100        100 trials in all
  regnet study run c10 --retry-failed
  regnet study run c10 --executor slurm --sbatch=--partition=short --simultaneous 200`;
