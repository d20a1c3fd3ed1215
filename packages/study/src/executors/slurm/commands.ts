import { execFile } from "node:child_process";
import { RegnetError } from "@regnet/core";

/** What a Slurm command may take, in milliseconds. A busy controller answers within its MessageTimeout of 10 s. */
const TIMEOUT = 60_000;
/** Most output that is read. */
const OUTPUT_BYTES = 64 * 2 ** 20;

/** A job or array task as `squeue` lists it. */
export interface QueuedTask {
  readonly name: string;
  /** What `scancel` takes. */
  readonly job: string;
  /** Index within its array. */
  readonly index: number;
  /** Slurm's compact state: PD, R, CG, … */
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
}

/** How an ended array task ended, as `sacct` tells it. */
export interface EndedTask {
  readonly name: string;
  readonly index: number;
  /** COMPLETED, FAILED, NODE_FAIL, OUT_OF_MEMORY, TIMEOUT, … */
  readonly state: string;
}

const FORMAT = ["%j", "%F", "%K", "%t", "%r"].join("|");

/** The tasks of some jobs that wait or run. @throws RegnetError while the controller does not answer */
export async function squeue(names: readonly string[]): Promise<QueuedTask[]> {
  if (names.length === 0) return [];
  const text = await slurm("squeue", ["--noheader", "--array", `--name=${names.join(",")}`, `--format=${FORMAT}`]);
  return text.split("\n").flatMap((line) => parseQueued(line) ?? []);
}

/** One line of `squeue` in our format. */
export function parseQueued(line: string): QueuedTask | undefined {
  const [name, id, index, state, reason] = line.trim().split("|");
  if (reason === undefined || !/^\d+$/.test(id)) return undefined;
  return { name, job: /^\d+$/.test(index) ? `${id}_${index}` : id, index: Number(index) || 0, state, reason };
}

/** Ended tasks from the accounting; empty where the cluster keeps none. */
export async function sacct(names: readonly string[]): Promise<EndedTask[]> {
  if (names.length === 0) return [];
  const fields = [
    "--noheader",
    "--parsable2",
    "--allocations",
    "--format=JobName,JobID,State",
    "--starttime=now-30days",
  ];
  try {
    return parseEnded(await slurm("sacct", [...fields, `--name=${names.join(",")}`]));
  } catch {
    return [];
  }
}

/** The lines of `sacct` in our format. */
export function parseEnded(text: string): EndedTask[] {
  return text.split("\n").flatMap((line) => {
    const [name, id, state] = line.trim().split("|");
    const index = /_(\d+)$/.exec(id ?? "")?.[1];
    return index === undefined || !state ? [] : [{ name, index: Number(index), state: state.split(" ")[0] }];
  });
}

/** @returns the number of the job */
export async function sbatch(args: readonly string[], script: string): Promise<string> {
  const text = await slurm("sbatch", ["--parsable", ...args], script);
  return text.trim().split(";")[0];
}

/** Ends jobs, or array tasks: they get SIGTERM, and SIGKILL once the cluster's KillWait is over. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  for (let i = 0; i < jobs.length; i += CANCEL_BATCH) await slurm("scancel", jobs.slice(i, i + CANCEL_BATCH));
}
const CANCEL_BATCH = 500;

/** Tasks that one array may have here. */
export async function largestArray(): Promise<number> {
  const match = /^MaxArraySize\s*=\s*(\d+)/m.exec(await slurm("scontrol", ["show", "config"]));
  return match ? Math.max(1, Number(match[1]) - 1) : 1000;
}

/** Slurm's version, where its controller answers. */
export async function slurmVersion(): Promise<string> {
  await slurm("sinfo", ["--noheader", "--format=%P"]);
  return (await slurm("sbatch", ["--version"])).trim();
}

function slurm(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: TIMEOUT, maxBuffer: OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error) reject(explain(command, error, stderr));
      else resolve(stdout);
    });
    child.stdin?.on("error", () => undefined).end(input);
  });
}

function explain(command: string, error: Error, stderr: string): RegnetError {
  const missing = "code" in error && error.code === "ENOENT";
  const text = missing ? "it is not installed here, or not on the PATH" : stderr.trim() || error.message;
  return new RegnetError(`${command} failed: ${text.split("\n").slice(0, 3).join("; ")}`, "unsupported", command);
}
