import * as z from "zod";
import { augmentationSchema } from "../augment/schema.js";

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();

const optimiserSchema = z.discriminatedUnion("kind", [
  /** Stochastic gradient descent with momentum. */
  z.strictObject({
    kind: z.literal("sgd"),
    momentum: z.number().min(0).lt(1).default(0.9),
    nesterov: z.boolean().default(true),
    weightDecay: z.number().min(0).max(1).default(5e-5),
  }),
  /** AdamW (arXiv 1711.05101). */
  z.strictObject({
    kind: z.literal("adamw"),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().min(0).max(1).default(0.05),
  }),
]);

const scheduleSchema = z.discriminatedUnion("kind", [
  /** Half a period of a cosine, from the learning rate to `final` times it. */
  z.strictObject({ kind: z.literal("cosine"), final: fraction.default(0) }),
  /** A straight line, from the learning rate to `final` times it. */
  z.strictObject({ kind: z.literal("linear"), final: fraction.default(0) }),
  /** Times `factor` at each of these shares of the training. */
  z.strictObject({
    kind: z.literal("steps"),
    at: z.array(fraction).max(100).default([0.3, 0.6, 0.9]),
    factor: fraction.default(0.1),
  }),
  z.strictObject({ kind: z.literal("constant") }),
  /**
   * The learning rate stays, then falls in a straight line to `final` times it over the last share `cooldown` of the
   * training. Until it falls, no step depends on how long the training will be.
   */
  z.strictObject({ kind: z.literal("trapezoid"), cooldown: fraction.default(0.6), final: fraction.default(0) }),
]);

/**
 * Progressive resizing: the training images begin at `from` times the resolution and grow in equal steps to `to` times it,
 * which they have from the share `until` of the training on. Evaluation sees the resolution itself.
 */
const resizingSchema = z.strictObject({
  from: z.number().min(0.25).max(1).default(0.625),
  to: z.number().min(0.25).max(1).default(1),
  until: fraction.default(0.75),
  /** Sides before the last one. */
  steps: z.int().min(1).max(16).default(2),
});

/** How a network is trained, as data. `quick.json` or `quick.yaml` in the same fields is a recipe of one's own. */
export const recipeSchema = z.strictObject({
  /** For people. */
  name: z.string().min(1).max(100).default("own"),
  optimiser: optimiserSchema,
  /** Peak learning rate, for a batch of `referenceBatch` images. */
  learningRate: positive,
  /** The learning rate is multiplied by batch ÷ referenceBatch (linear scaling). Absent: it is not scaled. */
  referenceBatch: z.int().positive().optional(),
  schedule: scheduleSchema.default({ kind: "cosine", final: 0 }),
  /** The learning rate climbs in a straight line from `from` times its value. */
  warmup: z
    .strictObject({
      epochs: z.number().min(0).max(1000).default(5),
      from: fraction.default(0.1),
      /** Most of the training that the warm-up may take, so that short trainings still cool down. */
      share: fraction.default(0.5),
    })
    .optional(),
  epochs: z.int().min(1).max(100_000),
  /** Images a step. */
  batch: z.int().min(1).max(65_536),
  /** Which weights decay: all of them, as the paper's authors do, or convolution and linear weights only. */
  decay: z.enum(["all", "matrices"]).default("all"),
  labelSmoothing: fraction.default(0),
  /** Bound on the joint L2 norm of all gradients. */
  clipNorm: positive.optional(),
  /** Exponential moving average of the weights, which is then what is evaluated and kept. */
  average: z.strictObject({ decay: z.number().min(0).lt(1) }).optional(),
  /** Drop-path rate of the last block, for networks that have drop-path. Absent: the network's own. */
  dropPath: z.number().min(0).lt(1).optional(),
  augmentation: augmentationSchema,
  /** Absent: every training image has the network's resolution. */
  resizing: resizingSchema.optional(),
  /** Training images from which batch-norm statistics are computed anew before each evaluation; 0: the running ones. */
  preciseStatistics: z.int().min(0).max(1_000_000).default(0),
});

/** A complete recipe. */
export type Recipe = z.output<typeof recipeSchema>;

/** A recipe as people write it: what has a default may be left out. */
export type RecipeInput = z.input<typeof recipeSchema>;
