import type { Complexity } from "../graph/complexity.js";
import type { ComplexityBound } from "./schema.js";

/** A closed range; an end left out is open. */
export interface LimitRange {
  readonly min?: number;
  readonly max?: number;
}

/** Ranges that every network of a population must keep to. */
export interface PopulationLimits {
  /** Multiply-adds of one image. */
  readonly flops?: LimitRange;
  readonly params?: LimitRange;
  readonly acts?: LimitRange;
  /** Number of stages; beside what the space itself asks for. */
  readonly stages?: LimitRange;
  /** Number of blocks. */
  readonly depth?: LimitRange;
}

/** The quantities that limits are on, in the order in which they are looked at. */
export const limitedQuantities = ["stages", "depth", "flops", "params", "acts"] as const;
export type LimitedQuantity = (typeof limitedQuantities)[number];

/** On which side of a range a value lies; undefined inside. */
export function outside(value: number, range: LimitRange | undefined): "below" | "above" | undefined {
  if (range?.min !== undefined && value < range.min) return "below";
  if (range?.max !== undefined && value > range.max) return "above";
  return undefined;
}

/** The bound that a network breaks: "params" or "acts", or undefined. `scale` is from `boundScale`. */
export function brokenBound(
  { flops, params, acts }: Complexity,
  bounds: readonly ComplexityBound[],
  scale: number,
): "params" | "acts" | undefined {
  const reference = flops * scale;
  for (const { of, constant = 0, perFlop = 0, perRootFlop = 0 } of bounds) {
    const value = of === "params" ? params : acts * scale;
    if (value > constant + perFlop * reference + perRootFlop * Math.sqrt(reference)) return of;
  }
  return undefined;
}
