import { existsSync, readFileSync } from "node:fs";
import { readSafetensors, toFloat32 } from "@regnet/core";
import * as z from "zod";
import { writeAtomically } from "../run/files.js";
import type { RunLayout } from "../run/layout.js";
import { evaluationBatch } from "./assessor.js";
import { Evaluator } from "./evaluator.js";
import { inferenceGraph, type Setup } from "./setup.js";

const share = z.number().min(0).max(1);

/** How well the best weights do on the images held out, which nothing was chosen on: `test.json`. */
const heldOutSchema = z.strictObject({
  images: z.int().positive(),
  top1: share,
  top5: share,
  /** Mean cross-entropy, in nats. */
  loss: z.number(),
});

export type HeldOutScore = z.output<typeof heldOutSchema>;

/** What a run's `test.json` says; undefined where there is none. */
export function readHeldOut({ test }: RunLayout): HeldOutScore | undefined {
  return existsSync(test) ? heldOutSchema.parse(JSON.parse(readFileSync(test, "utf8"))) : undefined;
}

/** Judges a finished run's best weights on the images held out, once. Undefined where there are none. */
export async function judgeHeldOut(setup: Setup, layout: RunLayout): Promise<HeldOutScore | undefined> {
  if (setup.dataSet.splits.test.count === 0 || !existsSync(layout.best)) return undefined;
  const known = readHeldOut(layout);
  if (known) return known;
  const { dataSet, recipe, resolution, engine, threads, precision, workers, seed } = setup;
  const { tensors } = readSafetensors(readFileSync(layout.best));
  const state = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]));
  const executable = await engine.compile(inferenceGraph(setup, evaluationBatch(setup)), { threads, precision, state });
  const loading = { dataSet, resolution, augmentation: recipe.augmentation, workers, seed };
  const evaluator = new Evaluator(executable, { ...loading, split: "test" });
  try {
    const { images, top1, top5, loss } = await evaluator.evaluate(state);
    const score = { images, top1: top1 / images, top5: top5 / images, loss: loss / images };
    writeAtomically(layout.test, `${JSON.stringify(score)}\n`);
    return score;
  } finally {
    await evaluator.close();
  }
}
