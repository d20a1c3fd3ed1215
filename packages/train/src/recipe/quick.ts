import { type Recipe, recipeSchema } from "./schema.js";

/**
 * The best accuracy within a few minutes on a CPU: large steps that cool to nothing, weight decay, a little smoothing,
 * cheap augmentation. Gradients are clipped, since a warm-up of a few dozen steps does not tame the first ones of a deep
 * network. Its figures are in docs/training.md.
 */
export const quick: Recipe = recipeSchema.parse({
  name: "quick",
  optimiser: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  learningRate: 0.2,
  referenceBatch: 128,
  schedule: { kind: "cosine" },
  warmup: { epochs: 1, from: 0.1, share: 0.2 },
  epochs: 15,
  batch: 128,
  decay: "matrices",
  labelSmoothing: 0.05,
  clipNorm: 1,
  augmentation: { crop: { kind: "padAndCrop", padding: 2 }, flip: 0.5 },
  preciseStatistics: 4096,
});
