import { type Recipe, recipeSchema } from "./schema.js";

/**
 * The recipe of the paper's authors (Designing Network Design Spaces, §4 and appendix C): SGD with momentum 0.9, half a
 * period of a cosine from 0.1 for 128 images (linear scaling), weight decay 5e-5 on every weight, 5 warm-up epochs,
 * random resized crops and flips, precise batch-norm statistics.
 */
export const dds: Recipe = recipeSchema.parse({
  name: "dds",
  optimiser: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-5 },
  learningRate: 0.1,
  referenceBatch: 128,
  schedule: { kind: "cosine" },
  warmup: { epochs: 5, from: 0.1 },
  epochs: 100,
  batch: 128,
  decay: "all",
  augmentation: { crop: { kind: "randomResizedCrop" }, flip: 0.5 },
  preciseStatistics: 8192,
});
