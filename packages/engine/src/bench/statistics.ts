import { ascending, quantile } from "@regnet/core";

/** A distribution of run times, milliseconds. */
export interface Timing {
  readonly runs: number;
  readonly mean: number;
  /** Sample standard deviation; 0 for a single run. */
  readonly deviation: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly p99: number;
}

/** @throws RegnetError for an empty sample */
export function summarise(milliseconds: readonly number[]): Timing {
  const sorted = ascending(milliseconds);
  const mean = sorted.reduce((sum, time) => sum + time, 0) / sorted.length;
  const squares = sorted.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return {
    runs: sorted.length,
    mean,
    deviation: sorted.length > 1 ? Math.sqrt(squares / (sorted.length - 1)) : 0,
    median: quantile(sorted, 0.5),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    p99: quantile(sorted, 0.99),
  };
}

/** How many times longer `other` takes than `best`, with its standard error propagated from both. */
export function ratio(best: Timing, other: Timing): { readonly value: number; readonly deviation: number } {
  const value = other.mean / best.mean;
  const deviation = value * Math.hypot(best.deviation / best.mean, other.deviation / other.mean);
  return { value, deviation };
}
