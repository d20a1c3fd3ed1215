import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { appendMetrics, readMetrics, repairMetrics } from "./metrics.js";
import { summariseEpochs, type Task, type TaskContext, type TaskResult } from "./task.js";
import type { EpochMetrics, Trial } from "./trial.js";

const METRICS = "metrics.jsonl";
/** Shorter waits cannot be had from a timer. */
const SHORTEST_WAIT = 1;

/**
 * A trial that trains nothing: its errors are made up from the network's size and seed, the same every time. For trying
 * out a study, and for measuring what studies cost beyond training.
 */
export const simulate: Task = {
  run: simulateEpochs,
  progress: ({ metrics }) => readMetrics(metrics).length,
};

async function simulateEpochs({ study, trial, layout, signal, advance, epochDone }: TaskContext): Promise<TaskResult> {
  const { spec } = study;
  const epochs = repairMetrics(layout.metrics);
  const wait = (spec.simulate?.milliseconds ?? 1) / spec.epochs;
  const end = trial.until ?? spec.epochs;
  if (trial.continues !== undefined && epochs.length === 0) {
    for (const before of readMetrics(join(study.folder, trial.continues, METRICS))) {
      appendMetrics(layout.metrics, before);
      epochs.push(before);
    }
  }
  let owed = 0;
  while (epochs.length < end) {
    owed += wait;
    if (owed >= SHORTEST_WAIT) {
      await setTimeout(owed, undefined, { signal });
      owed = 0;
    }
    signal.throwIfAborted();
    if (spec.simulate?.crash?.includes(trial.id) && 2 * epochs.length >= end) crash(trial.id);
    const metrics = simulatedEpoch(trial, epochs.length + 1);
    appendMetrics(layout.metrics, metrics);
    epochs.push(metrics);
    await advance();
    epochDone(metrics);
  }
  return { ...summariseEpochs(epochs), trainingSeconds: 0, imagesPerSecond: 0 };
}

function crash(id: number): void {
  process.stderr.write(`trial ${id} crashes, as it was told to\n`);
  process.kill(process.pid, "SIGKILL");
}

/** Error falls with flops to the power -0.1 and with the epochs, and scatters with the seed. */
export function simulatedEpoch({ complexity, seed }: Pick<Trial, "complexity" | "seed">, epoch: number): EpochMetrics {
  const reached = 0.6 * Math.max(1, complexity.flops / 1e6) ** -0.1;
  const scatter = 0.1 * (noise(seed, complexity.params) - 0.5) + 0.01 * (noise(seed, epoch) - 0.5);
  const error = Math.min(1, Math.max(0, reached + scatter + 0.4 * Math.exp(-epoch / 4)));
  return { epoch, loss: 4 * error, error };
}

/** A number in [0, 1) that two integers decide (the finaliser of MurmurHash3). */
function noise(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
