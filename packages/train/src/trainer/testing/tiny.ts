import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelSpec } from "@regnet/core";
import { afterAll } from "vitest";
import type { RecipeInput } from "../../recipe/schema.js";
import type { TrainOptions } from "../options.js";

/** A network of two blocks that trains in milliseconds. */
export const tinyModel: ModelSpec = {
  family: "anynet",
  stem: "simple",
  stemWidth: 8,
  stages: [
    { depth: 1, width: 8, groupWidth: 8 },
    { depth: 1, width: 16, groupWidth: 8 },
  ],
};

/** A ConvNeXt of two blocks. */
export const tinyConvNeXt: ModelSpec = { family: "convnext", depths: [1, 1], widths: [8, 16], dropPath: 0.3 };

export const tinyRecipe: RecipeInput = {
  name: "tiny",
  optimiser: { kind: "sgd" },
  learningRate: 0.05,
  warmup: { epochs: 1 },
  epochs: 3,
  batch: 16,
  augmentation: { crop: { kind: "padAndCrop" }, flip: 0.5 },
  preciseStatistics: 32,
};

const root = mkdtempSync(join(tmpdir(), "regnet-train-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder of its own, there until the tests of the file are over. */
export function temporaryFolder(): string {
  return mkdtempSync(join(root, "folder-"));
}

/** A training of a second: 100 + 20 drawn shapes at 16 pixels, portable engine, one thread. */
export function tinyOptions(changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    model: tinyModel,
    data: "shapes:100",
    recipe: tinyRecipe,
    resolution: 16,
    engine: "onnxruntime",
    threads: 1,
    workers: 0,
    folder: join(temporaryFolder(), "run"),
    ...changes,
  };
}
