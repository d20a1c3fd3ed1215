import * as z from "zod";

const fraction = z.number().min(0).max(1);

const range = (low: number, high: number) =>
  z
    .tuple([z.number(), z.number()])
    .refine(([a, b]) => low < a && a <= b && b <= high, `expected two numbers in order, within ${low}..${high}`);

/** Where in the stored image the network looks. */
const cropSchema = z.discriminatedUnion("kind", [
  /** The evaluation crop. */
  z.strictObject({ kind: z.literal("centre") }),
  /** The image at the network's resolution, padded on every side, then cut at random. */
  z.strictObject({
    kind: z.literal("padAndCrop"),
    /** Pixels on every side. */
    padding: z.int().min(0).max(64).default(4),
    /** What stands beyond the border: the data's mean colour, black, or the image mirrored. */
    fill: z.enum(["mean", "black", "reflect"]).default("mean"),
  }),
  /** A rectangle of random area and aspect ratio, scaled to the network's resolution (Inception's crop). */
  z.strictObject({
    kind: z.literal("randomResizedCrop"),
    /** Share of the image's area. */
    area: range(0, 1).default([0.08, 1]),
    /** Width ÷ height. */
    ratio: range(0, 100).default([3 / 4, 4 / 3]),
  }),
]);

/** Strengths as in torchvision: brightness 0.4 draws a factor from 0.6…1.4; hue is a share of the colour circle. */
const colourJitterSchema = z.strictObject({
  brightness: z.number().min(0).max(1).default(0),
  contrast: z.number().min(0).max(1).default(0),
  saturation: z.number().min(0).max(1).default(0),
  hue: z.number().min(0).max(0.5).default(0),
});

/** RandAugment (arXiv 1909.13719), with timm's increasing severities and normally distributed magnitude. */
const randAugmentSchema = z.strictObject({
  /** Operations applied one after the other. */
  operations: z.int().min(1).max(8).default(2),
  /** Mean severity, 0…10. */
  magnitude: z.number().min(0).max(10).default(9),
  /** Standard deviation of the severity. */
  deviation: z.number().min(0).max(10).default(0.5),
  /** Chance of each operation. */
  probability: fraction.default(0.5),
});

/** Random erasing (arXiv 1708.04896). */
const erasingSchema = z.strictObject({
  probability: fraction.default(0.25),
  /** Share of the area. */
  area: range(0, 1).default([0.02, 1 / 3]),
  /** `noise`: normal numbers; `mean`: the data's mean colour. */
  fill: z.enum(["noise", "mean"]).default("noise"),
});

/** Mixing of pairs within a batch: mixup (arXiv 1710.09412) and cutmix (arXiv 1905.04899). */
const mixSchema = z.strictObject({
  /** α of mixup's Beta(α, α); 0 is off. */
  mixup: z.number().min(0).max(16).default(0),
  /** α of cutmix's Beta(α, α); 0 is off. */
  cutmix: z.number().min(0).max(16).default(0),
  /** Chance that a batch is mixed at all. */
  probability: fraction.default(1),
  /** Chance of cutmix where both are on. */
  cutmixShare: fraction.default(0.5),
});

/**
 * What happens to a training image between the store and the network, in this order: crop, flip, colour jitter,
 * RandAugment, normalisation, random erasing, mixing of the batch. An absent part is off.
 */
export const augmentationSchema = z.strictObject({
  crop: cropSchema.default({ kind: "centre" }),
  /** Chance of a horizontal flip. */
  flip: fraction.default(0),
  colourJitter: colourJitterSchema.optional(),
  randAugment: randAugmentSchema.optional(),
  erasing: erasingSchema.optional(),
  mix: mixSchema.optional(),
  /**
   * Share of the shorter side that evaluation looks at. Default: 0.875 with `randomResizedCrop`, else 1.
   */
  evaluationCrop: z.number().min(0.1).max(1).optional(),
});

/** A complete augmentation. */
export type Augmentation = z.infer<typeof augmentationSchema>;

/** An augmentation as people write it: everything optional. */
export type AugmentationInput = z.input<typeof augmentationSchema>;

/** Share of the shorter side that evaluation looks at. */
export function evaluationCrop(augmentation: Augmentation): number {
  return augmentation.evaluationCrop ?? (augmentation.crop.kind === "randomResizedCrop" ? 0.875 : 1);
}
