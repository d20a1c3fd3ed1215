import { RegnetError } from "@regnet/core";

/** Where a training went wrong. */
export interface Divergence {
  /** From 1. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly clipped: boolean;
  /** The newest checkpoint's step. */
  readonly checkpoint: number;
}

/** Says that the loss is no number any more, and what to try. */
export function diverged(at: Divergence): RegnetError {
  const gentler = Number((at.learningRate / 3).toPrecision(2));
  const advice = at.clipped ? "a longer warm-up" : "a longer warm-up, or gradient clipping (clipNorm: 1 in the recipe)";
  const kept = at.checkpoint > 0 ? ` The checkpoint of step ${at.checkpoint} is kept.` : "";
  return new RegnetError(
    `training diverged at step ${at.step} (epoch ${at.epoch}): the loss is ${at.loss} at learning rate ` +
      `${Number(at.learningRate.toPrecision(3))}; try --lr ${gentler}, ${advice}.${kept}`,
    "unsatisfiable",
    "learningRate",
  );
}
