import { type Recipe, recipeSchema } from "./schema.js";

/**
 * The recipe of A ConvNet for the 2020s (appendix A.1): AdamW at 4e-3 for 4096 images, weight decay 0.05 on matrices,
 * 20 warm-up epochs, drop-path, label smoothing, RandAugment, mixup, cutmix, random erasing, averaged weights. Layer
 * scale is the network's own (1e-6).
 */
export const convnext: Recipe = recipeSchema.parse({
  name: "convnext",
  optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, weightDecay: 0.05 },
  learningRate: 4e-3,
  referenceBatch: 4096,
  schedule: { kind: "cosine" },
  warmup: { epochs: 20, from: 0 },
  epochs: 300,
  batch: 128,
  decay: "matrices",
  labelSmoothing: 0.1,
  average: { decay: 0.9999 },
  dropPath: 0.1,
  augmentation: {
    crop: { kind: "randomResizedCrop" },
    flip: 0.5,
    randAugment: { operations: 2, magnitude: 9, deviation: 0.5 },
    erasing: { probability: 0.25 },
    mix: { mixup: 0.8, cutmix: 1 },
  },
});
