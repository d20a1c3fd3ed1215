import * as z from "zod";

const wave = z.int().min(1).max(10_000);

const rungs = {
  /** Of the networks of a rung one in so many goes on, to so many times as many epochs. */
  eta: z.number().min(2).max(16).default(3),
  /** Epochs of the first rung. Default: about a ninth of the study's. */
  least: z.int().min(1).optional(),
};

/** How a study chooses its networks, as data: `search` in `study.json`. */
export const searchSchema = z.discriminatedUnion("kind", [
  /** Regularised evolution (arXiv 1802.01548): the best of a sample is changed in one parameter; the oldest die. */
  z.strictObject({
    kind: z.literal("evolution"),
    /** Networks that live at once. The first ones are drawn from the space. */
    population: z.int().min(2).max(10_000).default(16),
    /** Of these, how many are looked at for a parent. */
    sample: z.int().min(1).max(10_000).default(5),
    /** Networks chosen at once: more keep more processors busy, fewer know more. */
    wave: wave.default(4),
  }),
  /** A tree-structured Parzen estimator (Bergstra et al. 2011). */
  z.strictObject({
    kind: z.literal("tpe"),
    /** Networks drawn from the space before the estimator has its say. */
    startup: z.int().min(2).max(10_000).default(12),
    /** Share of the networks that count as good. */
    good: z.number().gt(0).max(0.5).default(0.2),
    /** Networks drawn from the estimate of the good ones, of which the most promising is taken. */
    candidates: z.int().min(1).max(10_000).default(24),
    wave: wave.default(4),
  }),
  /** Successive halving (arXiv 1502.07943), one bracket after another. */
  z.strictObject({
    kind: z.literal("halving"),
    /** Networks of a bracket's first rung. */
    networks: z.int().min(2).max(100_000).default(27),
    ...rungs,
  }),
  /** Asynchronous successive halving (arXiv 1810.05934): whoever is in the best part of its rung goes on at once. */
  z.strictObject({ kind: z.literal("asha"), ...rungs, wave: wave.default(4) }),
]);

/** A complete search. */
export type SearchDocument = z.output<typeof searchSchema>;
/** A search as people write it: what has a default may be left out. */
export type SearchInput = z.input<typeof searchSchema>;
export type SearchKind = SearchDocument["kind"];

export const searchKinds: readonly SearchKind[] = ["evolution", "tpe", "halving", "asha"];
