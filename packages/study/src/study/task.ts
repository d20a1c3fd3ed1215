import { RegnetError } from "@regnet/core";
import type { DataSetHandle } from "@regnet/train";
import type { TrialLayout } from "./layout.js";
import type { Study } from "./study.js";
import type { EpochMetrics, Trial } from "./trial.js";

/** What keeps every trial of a study alike from running: missing images, no engine. No trial has failed for it. */
export class StudyError extends RegnetError {
  override readonly name = "StudyError";
}

/** What a task works on. */
export interface TaskContext {
  readonly study: Study;
  readonly trial: Trial;
  readonly layout: TrialLayout;
  /** Where the images are, if it was found out before. */
  readonly images?: DataSetHandle;
  /** Once aborted, the task leaves a checkpoint and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** To be called after every step, or as often as is cheap: the work goes on, once the promise is kept. */
  advance(): void | Promise<void>;
  /** To be called after every epoch whose checkpoint is on disk. */
  epochDone(metrics: EpochMetrics): void;
}

/** What a task finds out. */
export interface TaskResult {
  /** Least error over the epochs, 0 to 1. */
  readonly error: number;
  readonly finalError: number;
  readonly bestEpoch: number;
  readonly epochs: number;
  readonly trainingSeconds: number;
  readonly trained?: number;
  readonly steps?: number;
  readonly imagesPerSecond: number;
  readonly memory?: number;
}

/** A kind of trial. */
export interface Task {
  /** Goes on from what an earlier attempt left in the trial's folder. */
  run(context: TaskContext): Promise<TaskResult>;
  /** How far an attempt that begins now would start: 0 at the beginning, and more the more was done and kept. */
  progress(layout: TrialLayout): number;
}

/** The result of a list of epochs: the least error counts, and the last is told. */
export function summariseEpochs(
  epochs: readonly EpochMetrics[],
): Omit<TaskResult, "trainingSeconds" | "imagesPerSecond"> {
  const last = epochs[epochs.length - 1];
  const best = epochs.reduce((least, one) => (one.error < least.error ? one : least), last);
  return { error: best.error, finalError: last.error, bestEpoch: best.epoch, epochs: last.epoch };
}
