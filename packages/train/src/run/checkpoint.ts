import { existsSync, readFileSync } from "node:fs";
import {
  type Graph,
  parseDocument,
  RegnetError,
  readSafetensors,
  sameShape,
  type Tensors,
  toFloat32,
  writeSafetensors,
} from "@regnet/core";
import * as z from "zod";
import { naming, writeAtomically, writeNew } from "./files.js";

/** The plan of a training: from `fromStep` on, progress goes evenly from `fromShare` to 1 at `steps`. */
const planSchema = z.strictObject({
  fromStep: z.number().min(0),
  fromShare: z.number().min(0).max(1),
  steps: z.number().min(1),
});

const sumsSchema = z.strictObject({
  loss: z.number(),
  right: z.number(),
  images: z.number(),
  seconds: z.number(),
  waited: z.number(),
});

/** Where a training stands, beside its tensors. Numbers go through JSON exactly. */
export const progressSchema = z.strictObject({
  version: z.literal(1),
  /** Steps done. */
  step: z.int().nonnegative(),
  plan: planSchema,
  /** Sums over the steps of the present epoch. */
  sums: sumsSchema,
  /** Seconds spent so far, over all attempts. */
  seconds: z.number().nonnegative(),
  /** Of these, seconds spent in steps; over the runs that this one went on from, too. */
  trained: z.number().nonnegative().default(0),
  best: z.strictObject({ epoch: z.int().positive(), error: z.number(), valLoss: z.number() }).optional(),
  finished: z.boolean(),
});

export type Plan = z.output<typeof planSchema>;
export type EpochSums = z.output<typeof sumsSchema>;
export type TrainingProgress = z.output<typeof progressSchema>;

/** What a checkpoint's file holds. */
export interface StoredCheckpoint {
  readonly progress: TrainingProgress;
  /** Every parameter of the training graph. Absent where the training has finished and keeps no weights. */
  readonly state?: Tensors;
}

/** The complete state of a training: with it and the run's spec, the following steps are determined. */
export interface Checkpoint extends StoredCheckpoint {
  readonly state: Tensors;
}

const KEY = "regnet.progress";

export function writeCheckpoint(path: string, graph: Graph, { progress, state }: StoredCheckpoint): void {
  const metadata = { [KEY]: JSON.stringify(progress) };
  writeAtomically(path, state ? encode(graph, state, metadata) : writeSafetensors({}, metadata));
}

/** The checkpoint in a file, or undefined where there is none. @throws RegnetError for one that is damaged or of another network */
export function readCheckpoint(path: string, graph: Graph): StoredCheckpoint | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = naming(path, () => readSafetensors(readFileSync(path)));
  const progress = parseDocument(progressSchema, JSON.parse(metadata[KEY] ?? "null"), path);
  if (progress.finished && Object.keys(tensors).length === 0) return { progress };
  const state = Object.fromEntries(
    graph.parameters.map(({ name, value }) => {
      const stored = tensors[name];
      if (!stored || !sameShape(stored.shape, value.shape)) {
        throw new RegnetError(`corrupt ${path}: no tensor ${name} of shape [${value.shape}]`, "corrupt", path);
      }
      return [name, toFloat32(stored)];
    }),
  );
  return { progress, state };
}

/** Steps done by the training that left a checkpoint; 0 where there is none that could be gone on from. */
export function checkpointStep(path: string): number {
  try {
    const { metadata } = readSafetensors(readFileSync(path));
    return progressSchema.parse(JSON.parse(metadata[KEY] ?? "null")).step;
  } catch {
    return 0;
  }
}

/** `writeWeights` where there is no such file yet. @returns whether there was none */
export function writeNewWeights(
  path: string,
  graph: Graph,
  weights: Tensors,
  metadata: Record<string, string>,
): boolean {
  return writeNew(path, encode(graph, weights, metadata));
}

/** Writes weights and statistics, as they were evaluated, with some metadata. */
export function writeWeights(path: string, graph: Graph, weights: Tensors, metadata: Record<string, string>): void {
  writeAtomically(path, encode(graph, weights, metadata));
}

function encode(graph: Graph, state: Tensors, metadata: Record<string, string>): Uint8Array {
  const tensors = graph.parameters.map(({ name, value }) => [name, { shape: value.shape, data: state[name] }] as const);
  return writeSafetensors(Object.fromEntries(tensors), metadata);
}
