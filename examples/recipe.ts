// A recipe of one's own, with a learning rate found by a range test; stopped half-way and resumed.
import { findLearningRate, type RecipeInput, train } from "regnet";

const recipe: RecipeInput = {
  name: "mine",
  optimiser: { kind: "adamw", weightDecay: 0.02 },
  learningRate: 1e-3,
  warmup: { epochs: 1 },
  epochs: 2,
  batch: 50,
  average: { decay: 0.99 },
  augmentation: { crop: { kind: "padAndCrop" }, flip: 0.5, mix: { mixup: 0.2 } },
};
const setting = {
  model: { family: "convnext", depths: [1, 1], widths: [16, 32], stem: "patchify" },
  data: "shapes:500",
  recipe,
} as const;

const { suggestion } = await findLearningRate(setting);
console.log(`suggested learning rate: ${suggestion}`);

const options = { ...setting, learningRate: 1e-3, folder: "runs/recipe" };
const stop = new AbortController();
const first = await train({ ...options, signal: stop.signal }, { onStep: ({ step }) => step === 12 && stop.abort() });
console.log(`${first.state} after step ${first.step}`);
const second = await train({ ...options, resume: true });
console.log(`${second.state} after step ${second.step}`);
