import { type BootstrapOptions, bootstrapBest, randomFor, rangeOf } from "@regnet/core";
import type { ParameterRange } from "./data.js";
import type { FinishedTrial } from "./trial.js";

/** Fewest networks a bootstrap is made from. */
export const FEWEST_FOR_RANGES = 8;

/**
 * Where the best networks lie along each parameter: the paper's bootstrap (§3.1, footnote 4), a quarter of the networks
 * with replacement, 10,000 times, 95 %. Parameters that all networks share one value of are left out, as are those
 * that some network does not have. Empty for fewer than eight networks.
 */
export function parameterRanges(
  trials: readonly FinishedTrial[],
  seed = 0,
  options: BootstrapOptions = {},
): ParameterRange[] {
  if (trials.length < FEWEST_FOR_RANGES) return [];
  const best = bootstrapBest(
    trials.map((trial) => trial.error),
    randomFor(seed, "ranges"),
    options,
  );
  return Object.keys(trials[0].parameters).flatMap((parameter) => {
    const values = trials.map((trial) => trial.parameters[parameter]);
    const sampled = extent(values);
    if (!sampled || sampled[0] === sampled[1]) return [];
    const { low, median, high } = rangeOf(values, best, options.level);
    const points = trials.map(({ id, error }, i) => ({ id, value: values[i], error }));
    return [{ parameter, low, best: median, high, sampled, points }];
  });
}

/** Parameters whose 95 % interval leaves out at least `share` of what was sampled, measured by the logarithm where that is how they are sampled. */
export function informative(ranges: readonly ParameterRange[], share = 0.15): ParameterRange[] {
  return ranges.filter(({ parameter, low, high, sampled: [least, most] }) => {
    const scale = (value: number) => (isLogarithmic(parameter) && least > 0 ? Math.log(value) : value);
    return scale(high) - scale(low) <= (1 - share) * (scale(most) - scale(least));
  });
}

/** Whether a parameter is sampled evenly by its logarithm: widths, slopes and group widths. */
export function isLogarithmic(parameter: string): boolean {
  return /^(w0|wa|w\d+|g\d*|b\d*)$/.test(parameter);
}

function extent(values: readonly (number | undefined)[]): [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) return undefined;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}
