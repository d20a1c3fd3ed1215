import { invalid } from "../errors.js";
import { below, type Random } from "../random/random.js";
import { expectSample, quantile } from "./quantile.js";

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

/** How the bootstrap of an EDF draws. */
export interface BandOptions {
  /** Default 0.95. */
  readonly level?: number;
  /** Resamples; default 1000. */
  readonly draws?: number;
  /** One for each error, as `edf` takes them; a resample's weights are brought to sum 1. Default: all alike. */
  readonly weights?: readonly number[];
}

/** The pointwise bootstrap band: between the outer quantiles of the EDFs of `draws` resamples with replacement. */
export function bootstrapBand(errors: readonly number[], random: Random, options: BandOptions = {}): EdfBand {
  const { level = 0.95, draws = 1000, weights } = options;
  const steps = edf(errors, weights).errors;
  const stepAt = new Map(steps.map((error, k) => [error, k]));
  const step = Int32Array.from(errors, (error) => stepAt.get(error) as number);
  const heights = new Float64Array(steps.length * draws);
  const drawn = new Float64Array(steps.length);
  for (let draw = 0; draw < draws; draw++) {
    drawn.fill(0);
    let total = 0;
    while (total === 0) {
      for (let i = 0; i < errors.length; i++) {
        const index = below(random, errors.length);
        const weight = weights ? weights[index] : 1;
        drawn[step[index]] += weight;
        total += weight;
      }
    }
    let reached = 0;
    for (let k = 0; k < drawn.length; k++) {
      reached += drawn[k];
      heights[k * draws + draw] = Math.min(1, reached / total);
    }
  }
  const columns = steps.map((_, k) => heights.subarray(k * draws, (k + 1) * draws).sort());
  const tail = (1 - level) / 2;
  return {
    lower: columns.map((column) => quantile(column, tail)),
    upper: columns.map((column) => quantile(column, 1 - tail)),
  };
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
