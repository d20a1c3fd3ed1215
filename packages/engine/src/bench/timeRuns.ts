import { performance } from "node:perf_hooks";
import type { Executable } from "../engine.js";

const WARM_UP = 3;
const FEWEST_RUNS = 5;
const MOST_RUNS = 10_000;

/** Milliseconds of single runs, after a warm-up, for so many seconds. */
export async function timeRuns(executable: Executable, seconds: number): Promise<number[]> {
  for (let i = 0; i < WARM_UP; i++) await executable.run();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < FEWEST_RUNS || (performance.now() < end && times.length < MOST_RUNS)) {
    const start = performance.now();
    await executable.run();
    times.push(performance.now() - start);
  }
  return times;
}
