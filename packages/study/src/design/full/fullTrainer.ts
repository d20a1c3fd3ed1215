import type { ModelSpec } from "@regnet/core";
import type { FailedTraining } from "../../analysis/decision.js";
import type { DesignImages } from "../context.js";
import type { DesignRequest } from "../options.js";

/** One network to be trained fully. */
export interface FullTask {
  /** Unique; the name of its run's folder. */
  readonly name: string;
  readonly folder: string;
  readonly model: ModelSpec;
  /** Seconds of training and evaluation. */
  readonly seconds: number;
  /** Images a step. */
  readonly batch: number;
}

/** What came of a full training. */
export interface FullResult {
  readonly name: string;
  readonly folder: string;
  /** Top-1 accuracy on the validation images of the best epoch, whose weights are kept. */
  readonly accuracy: number;
  /** Validation error after each epoch. */
  readonly curve: readonly number[];
  /** Training images seen, in epochs. */
  readonly epochs: number;
  readonly seconds: number;
  readonly engine: string;
}

export interface FullTraining {
  readonly request: DesignRequest;
  readonly images: DesignImages;
  readonly tasks: readonly FullTask[];
  /** Trainings at once. */
  readonly processes: number;
  readonly signal: AbortSignal;
  /** Seconds of training done, of all tasks together, and the least error so far. */
  readonly onProgress: (done: number, best: number | undefined) => void;
  readonly onNote: (note: string) => void;
}

/**
 * Trains networks fully; goes on where an earlier attempt was stopped. What came of each task, in their order: what
 * concerns one training alone ends no other.
 *
 * @throws the signal's reason once it is aborted; StorageError where the disk is full or cannot be written;
 * RegnetError where the images, the recipe or the engine cannot be had
 */
export type FullTrainer = (training: FullTraining) => Promise<(FullResult | FailedTraining)[]>;
