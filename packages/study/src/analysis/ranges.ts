import { type BootstrapOptions, bootstrapBest, randomFor, rangeOf } from "@regnet/core";
import type { LineFit, ParameterRange } from "./data.js";
import { type FinishedTrial, isRegular } from "./trial.js";

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

/**
 * The ranges of a population as the paper shows them. Free-form networks have the depth d of all stages, b and g where
 * every network has one for all its stages, and e_fit; then what their stages have.
 *
 * @param fits of the population's free-form networks
 */
export function populationRanges(
  trials: readonly FinishedTrial[],
  fits: readonly LineFit[],
  seed = 0,
): ParameterRange[] {
  if (trials.every(isRegular)) return parameterRanges(trials, seed);
  const shared = STAGEWISE.filter((name) => trials.every((trial) => sharedValue(trial, name) !== undefined));
  const whole = trials.map((trial) => ({ ...trial, parameters: wholeNetwork(trial, shared) }));
  const error = new Map(fits.map(({ id, fit }) => [id, fit]));
  const fitted = trials.flatMap((trial) => {
    const e_fit = error.get(trial.id);
    return e_fit === undefined ? [] : [{ ...trial, parameters: { e_fit } }];
  });
  const [first, second] = [parameterRanges(whole, seed), parameterRanges(fitted, seed)];
  const isOfNetwork = ({ parameter }: ParameterRange) => !/\d$/.test(parameter);
  return [...first.filter(isOfNetwork), ...second, ...first.filter((range) => !isOfNetwork(range))];
}

const STAGEWISE = ["b", "g"] as const;

/** A parameter's value where all stages of the network have the same. */
function sharedValue({ parameters }: FinishedTrial, name: string): number | undefined {
  const values = Object.entries(parameters).flatMap(([key, value]) => (isOfStages(key, name) ? [value] : []));
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : undefined;
}

function wholeNetwork(trial: FinishedTrial, shared: readonly string[]): Record<string, number> {
  const { parameters, stages } = trial;
  return {
    d: stages.depths.reduce((sum, depth) => sum + depth, 0),
    ...Object.fromEntries(shared.map((name) => [name, sharedValue(trial, name) as number])),
    ...Object.fromEntries(Object.entries(parameters).filter(([key]) => !shared.some((name) => isOfStages(key, name)))),
  };
}

function isOfStages(key: string, name: string): boolean {
  return key.startsWith(name) && /^\d+$/.test(key.slice(name.length));
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
