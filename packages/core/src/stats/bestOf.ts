import { ascending, expectSample } from "./quantile.js";

/** What random search of `k` networks of a population finds. */
export interface BestOf {
  readonly k: number;
  /** Expected error of the best. */
  readonly mean: number;
  /** The best's error is at most this in 5 % of searches. */
  readonly low: number;
  /** … and at most this in 95 %. */
  readonly high: number;
}

/**
 * The error of the best of k networks drawn without replacement, exactly (not by simulation), for each k of `ks`;
 * by default every power of two up to the population, and the population.
 */
export function bestOfK(errors: readonly number[], ks: readonly number[] = powersOfTwo(errors.length)): BestOf[] {
  expectSample("errors", errors);
  const sorted = ascending(errors);
  return ks.filter((k) => k >= 1 && k <= sorted.length).map((k) => bestOf(sorted, k));
}

/** P(the best is the network of rank i) = C(n−1−i, k−1) / C(n, k), each from the one before. */
function bestOf(sorted: readonly number[], k: number): BestOf {
  const n = sorted.length;
  let probability = k / n;
  let [mean, reached] = [0, 0];
  let [low, high] = [Number.NaN, Number.NaN];
  for (let i = 0; i + k <= n; i++) {
    mean += probability * sorted[i];
    reached += probability;
    if (Number.isNaN(low) && reached >= 0.05 - 1e-12) low = sorted[i];
    if (Number.isNaN(high) && reached >= 0.95 - 1e-12) high = sorted[i];
    probability *= (n - i - k) / (n - 1 - i || 1);
  }
  return { k, mean, low, high };
}

function powersOfTwo(n: number): number[] {
  const powers: number[] = [];
  for (let k = 1; k < n; k *= 2) powers.push(k);
  return [...powers, n];
}
