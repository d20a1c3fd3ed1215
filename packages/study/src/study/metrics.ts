import { appendFileSync } from "node:fs";
import * as z from "zod";
import { explainStorage, parseJson, readText, writeAtomically } from "./storage.js";
import type { EpochMetrics } from "./trial.js";

const lineSchema = z.looseObject({
  epoch: z.number().int().positive(),
  loss: z.number(),
  error: z.number().min(0).max(1),
});

/** The epochs of a `metrics.jsonl`, in order. Torn lines are left out; where an epoch is there twice, the later counts. */
export function readMetrics(path: string): EpochMetrics[] {
  const epochs = new Map<number, EpochMetrics>();
  for (const line of (readText(path) ?? "").split("\n")) {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (parsed.success) epochs.set(parsed.data.epoch, parsed.data);
  }
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

/** The epochs from the first on without a gap; the file then holds just these, whole. */
export function repairMetrics(path: string): EpochMetrics[] {
  const intact = readMetrics(path).filter(({ epoch }, i) => epoch === i + 1);
  const text = intact.map((metrics) => `${JSON.stringify(metrics)}\n`).join("");
  if (text !== (readText(path) ?? "")) writeAtomically(path, text);
  return intact;
}

/** Adds an epoch's line. */
export function appendMetrics(path: string, metrics: EpochMetrics): void {
  try {
    appendFileSync(path, `${JSON.stringify(metrics)}\n`);
  } catch (error) {
    throw explainStorage(error, path);
  }
}
