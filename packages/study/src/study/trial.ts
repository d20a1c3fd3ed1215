import { modelSpecSchema } from "@regnet/core";
import * as z from "zod";

const count = z.number().nonnegative();

/** What the sampler drew: `trials/00042/trial.json`. */
export const trialSchema = z
  .strictObject({
    version: z.literal(1),
    /** Number of the trial in its study, from 0. */
    id: z.number().int().nonnegative(),
    /** The network, as the sampler describes it. */
    model: modelSpecSchema,
    /** At the study's resolution, of one image: multiply-adds, parameters, activations. */
    complexity: z.strictObject({ flops: count, params: count, acts: count }).readonly(),
    /** Seed of the weights, of the order of the images and of their augmentation. */
    seed: z.number().int().nonnegative(),
    /** The run whose state it goes on from; relative to the study's folder. */
    continues: z.string().min(1).optional(),
    /** Epochs after which it rests, those of the runs that it goes on from included. Absent: it is trained to the end. */
    until: z.number().int().positive().optional(),
    /** The weights that it starts from: a run's folder, a file, `hf:owner/name`. */
    from: z.string().min(1).optional(),
  })
  .readonly();

const finishedWith = {
  version: z.literal(1),
  /** How often the trial was begun, this time included. */
  attempt: z.number().int().positive(),
  /** Wall time of the attempt that finished it. */
  seconds: count,
  host: z.string(),
};

/** What came of a trial: `trials/00042/result.json`, written last and never changed. */
export const trialResultSchema = z.discriminatedUnion("state", [
  z
    .strictObject({
      ...finishedWith,
      state: z.literal("done"),
      /** Top-1 error on the validation images, 0 to 1: the least over the epochs, as the paper's code counts it. */
      error: z.number().min(0).max(1),
      /** The same after the last epoch. */
      finalError: z.number().min(0).max(1),
      /** Epoch of the least error, from 1. */
      bestEpoch: z.number().int().nonnegative(),
      epochs: z.number().int().nonnegative(),
      /** Time spent in training and validation, over all attempts. */
      trainingSeconds: count,
      /** Of these, seconds spent in steps, and the steps; those of the runs that it went on from included. */
      trained: count.optional(),
      steps: count.optional(),
      /** Training images a second. */
      imagesPerSecond: count,
      /** Bytes that the training step holds, where the engine says so. */
      memory: count.optional(),
    })
    .readonly(),
  z
    .strictObject({
      ...finishedWith,
      state: z.literal("failed"),
      /** In one sentence. */
      reason: z.string(),
      /** The end of what the trial wrote on its error stream, or its stack. */
      tail: z.string(),
    })
    .readonly(),
]);

/** A sampled network with its complexity. Frozen. */
export type Trial = z.output<typeof trialSchema>;
/** The result of a finished trial. Frozen. */
export type TrialResult = z.output<typeof trialResultSchema>;
/** A result with an error rate. */
export type DoneResult = Extract<TrialResult, { state: "done" }>;
/** A result without one. */
export type FailedResult = Extract<TrialResult, { state: "failed" }>;

/** A finished trial: its network and what came of it. */
export interface TrialRecord {
  readonly trial: Trial;
  readonly result: TrialResult;
}

/** `waiting`: not begun, or interrupted and to be resumed. */
export type TrialState = "waiting" | "running" | "done" | "failed";

/** One line of `metrics.jsonl`. Trainers may add fields. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  /** Top-1 error on the validation images, 0 to 1. */
  readonly error: number;
  readonly [more: string]: unknown;
}
