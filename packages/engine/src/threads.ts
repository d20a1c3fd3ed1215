import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { invalid } from "@regnet/core";

let cores: number | undefined;

/** Threads an executable gets unless told otherwise: one a physical core that this process may run on. */
export function defaultThreads(): number {
  cores ??= Math.max(1, Math.min(availableParallelism(), physicalCores()));
  return cores;
}

/** @throws RegnetError unless `threads` is undefined or a positive integer */
export function chooseThreads(threads: number | undefined): number {
  if (threads === undefined) return defaultThreads();
  if (!Number.isInteger(threads) || threads < 1) throw invalid("threads", threads, "a positive integer");
  return threads;
}

/** Distinct (socket, core) pairs of the machine; unbounded where the system does not tell. */
function physicalCores(): number {
  try {
    const pairs = readFileSync("/proc/cpuinfo", "utf8").matchAll(/^physical id\s*: (\d+)[\s\S]*?^core id\s*: (\d+)/gm);
    const count = new Set([...pairs].map(([, socket, core]) => `${socket}.${core}`)).size;
    return count || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
