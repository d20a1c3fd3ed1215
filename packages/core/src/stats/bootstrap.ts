import { invalid } from "../errors.js";
import { below, type Random } from "../random/random.js";
import { ascending, expectSample, quantile } from "./quantile.js";

/** How the bootstrap draws. The defaults are the paper's (§3.1, footnote 4). */
export interface BootstrapOptions {
  /** Share of the population in one draw, with replacement; default 0.25. */
  readonly share?: number;
  /** Default 10 000. */
  readonly draws?: number;
  /** Default 0.95. */
  readonly level?: number;
}

/** Where the best value of a parameter likely lies. */
export interface BootstrapRange {
  readonly low: number;
  /** The most likely best value. */
  readonly median: number;
  readonly high: number;
}

/**
 * The networks that are best of a random quarter of the population, draw after draw: their indices.
 * Parameters read at one list of indices belong together.
 */
export function bootstrapBest(errors: readonly number[], random: Random, options: BootstrapOptions = {}): Int32Array {
  const { share = 0.25, draws = 10_000 } = options;
  expectSample("errors", errors);
  if (!(share > 0 && share <= 1)) throw invalid("share", share, "a share above 0 and at most 1");
  const order = errors.map((_, i) => i).sort((a, b) => errors[a] - errors[b]);
  const size = Math.max(1, Math.round(share * errors.length));
  return Int32Array.from({ length: draws }, () => {
    let best = errors.length - 1;
    for (let i = 0; i < size; i++) best = Math.min(best, below(random, errors.length));
    return order[best];
  });
}

/** Interval and median of a parameter over the best networks of `bootstrapBest`. */
export function rangeOf(values: readonly number[], best: Int32Array, level = 0.95): BootstrapRange {
  const sorted = ascending(Array.from(best, (index) => values[index]));
  const tail = (1 - level) / 2;
  return { low: quantile(sorted, tail), median: quantile(sorted, 0.5), high: quantile(sorted, 1 - tail) };
}

/** The paper's empirical bootstrap of one parameter: where its best value lies, with confidence `level`. */
export function bootstrapRange(
  values: readonly number[],
  errors: readonly number[],
  random: Random,
  options: BootstrapOptions = {},
): BootstrapRange {
  if (values.length !== errors.length) {
    throw invalid("values", `${values.length} of them`, `one for each of ${errors.length} errors`);
  }
  return rangeOf(values, bootstrapBest(errors, random, options), options.level);
}
