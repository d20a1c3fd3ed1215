import type { Executor } from "@regnet/study";
import { type Command, Option } from "commander";
import { UsageError } from "../../errors.js";
import { optionName } from "../../optionName.js";
import { parseCount, parseNumber } from "../../quantities.js";

/** The options that say where trials run. */
export interface ExecutorFlags {
  executor?: "local" | "slurm";
  workers?: number;
  simultaneous?: number;
  trialsPerTask?: number;
  sbatch?: string[];
  poll?: number;
}

const SLURM_ONLY = ["simultaneous", "trialsPerTask", "sbatch", "poll"] as const;

export function addExecutorOptions(
  command: Command,
  workers = "local: processes at once (default: what a short measurement advises)",
): Command {
  const count = (name: string) => (text: string) => parseCount(text, name);
  return command
    .addOption(new Option("--executor <name>", "where trials run (default: local)").choices(["local", "slurm"]))
    .option("--workers <n>", workers, count("--workers"))
    .option("--sbatch <argument>", "slurm: an argument of sbatch, as --partition=short; may be repeated", collect)
    .option("--simultaneous <n>", "slurm: array tasks at once (default: no limit)", count("--simultaneous"))
    .option("--trials-per-task <n>", "slurm: trials that a task runs in turn", count("--trials-per-task"))
    .option("--poll <seconds>", "slurm: between two looks at the queue (default: 10)", parsePoll);
}

function parsePoll(text: string): number {
  const seconds = parseNumber(text, "--poll");
  if (seconds > 0) return seconds;
  throw new UsageError(`invalid --poll: got "${text}", expected more than 0 seconds`);
}

/** @throws UsageError for options of the other executor */
export async function createExecutor(flags: ExecutorFlags): Promise<Executor> {
  const { LocalExecutor, SlurmExecutor } = await import("@regnet/study/executors");
  return isSlurm(flags) ? new SlurmExecutor(flags) : new LocalExecutor({ workers: flags.workers });
}

/** Whether trials run on a Slurm cluster. @throws UsageError for options of the other executor */
export function isSlurm(flags: ExecutorFlags): boolean {
  const slurm = flags.executor === "slurm";
  const stray = slurm
    ? flags.workers === undefined
      ? undefined
      : "workers"
    : SLURM_ONLY.find((name) => flags[name] !== undefined);
  if (stray) throw new UsageError(`${optionName(stray)} goes with --executor ${slurm ? "local" : "slurm"} only`);
  return slurm;
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}
