import { type Recipe, type RecipeInput, recipeSchema } from "./schema.js";

/** What `quick` is fitted to. */
export interface Situation {
  /** Pixels a side that the network sees. */
  readonly resolution: number;
  /** How often the training will see each image, on the average. */
  readonly epochs: number;
}

type Changes = Partial<Omit<RecipeInput, "optimiser">> & { readonly weightDecay?: number };

/** What holds at every length: docs/training.md gives the measurements. */
const COMMON = {
  name: "quick",
  learningRate: 0.2,
  referenceBatch: 128,
  schedule: { kind: "trapezoid", cooldown: 0.7 },
  warmup: { epochs: 1, from: 0.1, share: 0.1 },
  epochs: 15,
  decay: "matrices",
  labelSmoothing: 0.1,
  clipNorm: 1,
  average: { decay: 0.99 },
  preciseStatistics: 1024,
} as const satisfies Partial<RecipeInput>;

/** Up to this side images are shifted, above it their crops are resized. */
const SMALL = 64;
const WEIGHT_DECAY = 5e-4;

const LARGE = {
  batch: 64,
  augmentation: { crop: { kind: "randomResizedCrop", area: [0.35, 1] }, flip: 0.5 },
  resizing: { from: 0.625, to: 1, until: 0.75, steps: 2 },
} as const satisfies Changes;

/**
 * The parts that depend on the size of the images and on how often each is seen, for trainings of up to so many epochs: the
 * first line that holds applies.
 */
export const quickRegimes: readonly {
  readonly size: "small" | "large";
  readonly upTo: number;
  readonly changes: Changes;
}[] = [
  {
    size: "small",
    upTo: Number.POSITIVE_INFINITY,
    changes: { batch: 128, augmentation: { crop: { kind: "padAndCrop", padding: 2 }, flip: 0.5 } },
  },
  { size: "large", upTo: 12, changes: LARGE },
  {
    size: "large",
    upTo: Number.POSITIVE_INFINITY,
    // Without it a training of a hundred epochs knows its own images by heart.
    changes: {
      ...LARGE,
      augmentation: {
        ...LARGE.augmentation,
        randAugment: { operations: 1, magnitude: 6, deviation: 0.5, probability: 0.5 },
      },
    },
  },
];

/** `quick` for images of a size that will be seen so often. */
export function quickFor({ resolution, epochs }: Situation): Recipe {
  const size = resolution <= SMALL ? "small" : "large";
  const regime = quickRegimes.find((one) => one.size === size && epochs <= one.upTo);
  const { weightDecay = WEIGHT_DECAY, ...changes } = regime?.changes ?? {};
  const optimiser = { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay } as const;
  return recipeSchema.parse({ batch: 128, augmentation: {}, ...COMMON, optimiser, ...changes });
}

/**
 * The best accuracy within minutes on a CPU. The learning rate stays high, then falls to nothing, so that nothing up to there
 * depends on the length of the training; averaged weights are judged. Gradients are clipped, since a short warm-up does not
 * tame the first steps of a deep network. `train` and `design` fit it to the images and to how often they will be seen;
 * this is its form for small ones.
 */
export const quick: Recipe = quickFor({ resolution: 32, epochs: 15 });
