import { existsSync, readFileSync } from "node:fs";
import { missing, readSafetensors, type Tensors, toFloat32 } from "@regnet/core";
import type { EpochMetrics } from "../trainer/options.js";
import { RunLayout } from "./layout.js";
import { readMetrics } from "./metrics.js";
import { type RunSpec, readRunSpec } from "./spec.js";

/** A run as its folder tells it. */
export interface RunInfo {
  readonly folder: string;
  readonly spec: RunSpec;
  readonly epochs: readonly EpochMetrics[];
  /** The epoch of the least error; of equal ones that of the least validation loss. */
  readonly best?: EpochMetrics;
  /** Reads the best epoch's weights and statistics, by timm's names. @throws RegnetError before the first evaluation */
  weights(): Tensors;
}

/** Reads a run's folder. @throws RegnetError when it holds none, or a damaged one */
export function readRun(folder: string): RunInfo {
  const layout = new RunLayout(folder);
  const spec = readRunSpec(folder);
  const epochs = readMetrics(layout.metrics);
  return { folder, spec, epochs, best: bestEpoch(epochs), weights: () => readWeights(layout.best) };
}

/** The epoch of the least error; of equal ones that of the least loss, and of those the first. */
export function bestEpoch(epochs: readonly EpochMetrics[]): EpochMetrics | undefined {
  let best: EpochMetrics | undefined;
  for (const metrics of epochs) if (!best || isBetter(metrics, best)) best = metrics;
  return best;
}

type Scored = Pick<EpochMetrics, "error" | "valLoss">;

export function isBetter(one: Scored, other: Scored): boolean {
  return one.error < other.error || (one.error === other.error && one.valLoss < other.valLoss);
}

/** All tensors of a safetensors file as float32. */
export function readWeights(path: string): Tensors {
  if (!existsSync(path)) throw missing(`weights ${path}`, "the run has not finished its first epoch; resume it");
  const { tensors } = readSafetensors(readFileSync(path));
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]));
}
