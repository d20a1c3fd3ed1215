import * as z from "zod";
import type { EpochMetrics } from "../trainer/options.js";
import { appendDurably, readText, writeAtomically } from "./files.js";

const lineSchema = z.looseObject({
  epoch: z.int().positive(),
  step: z.int().nonnegative(),
  loss: z.number(),
  trainTop1: z.number(),
  error: z.number(),
  top1: z.number(),
  top5: z.number(),
  valLoss: z.number(),
  learningRate: z.number(),
  imagesPerSecond: z.number(),
  seconds: z.number(),
  waited: z.number(),
  evaluation: z.number(),
});

/** The epochs of a `metrics.jsonl`, in order. Torn lines are left out; where an epoch is there twice, the later counts. */
export function readMetrics(path: string): EpochMetrics[] {
  const epochs = new Map<number, EpochMetrics>();
  for (const line of (readText(path) ?? "").split("\n")) {
    const parsed = lineSchema.safeParse(parseLine(line));
    if (parsed.success) epochs.set(parsed.data.epoch, parsed.data);
  }
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

/** Adds an epoch's line. */
export function appendMetrics(path: string, metrics: EpochMetrics): void {
  appendDurably(path, `${JSON.stringify(metrics)}\n`);
}

/** Leaves the epochs up to the step of a checkpoint: what a killed run wrote after it will be written again. */
export function rewindMetrics(path: string, step: number): EpochMetrics[] {
  const kept = readMetrics(path).filter((metrics) => metrics.step <= step);
  const text = kept.map((metrics) => `${JSON.stringify(metrics)}\n`).join("");
  if (text !== (readText(path) ?? "")) writeAtomically(path, text);
  return kept;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
