import { invalid } from "../errors.js";
import { below, type Random } from "../random/random.js";
import { ascending, expectSample, quantile } from "./quantile.js";

/** The empirical distribution of a population's errors. */
export interface Edf {
  /** The distinct errors, ascending. */
  readonly errors: readonly number[];
  /** Share of the networks whose error is at most `errors[i]`: the height of the step behind it. */
  readonly shares: readonly number[];
  /** Networks in the population. */
  readonly count: number;
}

/** A band around an EDF: at `errors[i]` its step lies between `lower[i]` and `upper[i]`. */
export interface EdfBand {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * F(e) = 1/n · Σ 1[eᵢ < e] (paper §3.1, eq. 1), with weights where given: F(e) = Σ wᵢ · 1[eᵢ < e] for weights of sum 1.
 *
 * @throws RegnetError for an empty population, errors that are not finite, or weights that do not fit
 */
export function edf(errors: readonly number[], weights?: readonly number[]): Edf {
  expectSample("errors", errors);
  const shares = weights ? normalised(weights, errors.length) : errors.map(() => 1 / errors.length);
  const order = errors.map((_, i) => i).sort((a, b) => errors[a] - errors[b]);
  const steps: { error: number; share: number }[] = [];
  let total = 0;
  order.forEach((index, rank) => {
    total += shares[index];
    const share = weights ? Math.min(total, 1) : (rank + 1) / errors.length;
    if (steps.at(-1)?.error === errors[index]) steps[steps.length - 1].share = share;
    else steps.push({ error: errors[index], share });
  });
  return { errors: steps.map((step) => step.error), shares: steps.map((step) => step.share), count: errors.length };
}

/** F(e): the share of the population whose error is below `error`, strictly. */
export function edfAt({ errors, shares }: Edf, error: number): number {
  let [low, high] = [0, errors.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (errors[middle] < error) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : shares[low - 1];
}

/**
 * The Dvoretzky–Kiefer–Wolfowitz band: with probability `level` the whole true distribution lies inside.
 * Its half width is √(ln(2/(1−level)) / 2n), with Massart's constant.
 */
export function dkwBand({ shares, count }: Edf, level = 0.95): EdfBand {
  const half = Math.sqrt(Math.log(2 / (1 - level)) / (2 * count));
  return { lower: shares.map((f) => Math.max(0, f - half)), upper: shares.map((f) => Math.min(1, f + half)) };
}

/** The pointwise bootstrap band: between the outer quantiles of the EDFs of `draws` resamples with replacement. */
export function bootstrapBand(
  errors: readonly number[],
  random: Random,
  { level = 0.95, draws = 1000 }: { readonly level?: number; readonly draws?: number } = {},
): EdfBand {
  const full = edf(errors);
  const sorted = ascending(errors);
  const step = stepOfEach(sorted, full.errors);
  const heights = full.errors.map(() => new Float64Array(draws));
  const counts = new Float64Array(full.errors.length);
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let i = 0; i < sorted.length; i++) counts[step[below(random, sorted.length)]]++;
    let total = 0;
    for (let k = 0; k < counts.length; k++) {
      total += counts[k];
      heights[k][draw] = total / sorted.length;
    }
  }
  for (const column of heights) column.sort();
  const tail = (1 - level) / 2;
  return {
    lower: heights.map((column) => quantile(column, tail)),
    upper: heights.map((column) => quantile(column, 1 - tail)),
  };
}

function stepOfEach(sorted: readonly number[], distinct: readonly number[]): Int32Array {
  const steps = new Int32Array(sorted.length);
  let k = 0;
  sorted.forEach((error, i) => {
    if (error !== distinct[k]) k++;
    steps[i] = k;
  });
  return steps;
}

function normalised(weights: readonly number[], count: number): number[] {
  if (weights.length !== count)
    throw invalid("weights", `${weights.length} of them`, `one for each of ${count} errors`);
  const bad = weights.find((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad !== undefined) throw invalid("weight", bad, "a finite number of at least 0");
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) throw invalid("weights", "all zero", "a positive sum");
  return weights.map((weight) => weight / total);
}
