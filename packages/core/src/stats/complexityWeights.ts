import { invalid } from "../errors.js";

/** How complexities are binned. */
export interface BinOptions {
  /** Default 10. */
  readonly bins?: number;
  /** Bins of equal ratio instead of equal width; default false. */
  readonly logarithmic?: boolean;
}

/**
 * Weights that make populations comparable although their complexities are distributed differently: complexity is
 * binned over all populations alike, and within a population every bin weighs the same (1 ÷ its count), as in *On
 * Network Design Spaces for Visual Recognition*. Bins that some population leaves empty weigh nothing in any.
 *
 * @param populations complexities (flops, say), one list a population
 * @returns weights of sum 1, one list a population; to be handed to `edf`
 * @throws RegnetError when the populations share no bin
 */
export function complexityWeights(populations: readonly (readonly number[])[], options: BinOptions = {}): number[][] {
  const { bins = 10, logarithmic = false } = options;
  const scale = logarithmic ? Math.log : (value: number) => value;
  const all = populations.flat().map(scale);
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const binOf = (value: number) => {
    const share = high > low ? (scale(value) - low) / (high - low) : 0;
    return Math.min(bins - 1, Math.floor(share * bins));
  };
  const counts = populations.map((population) => {
    const count = new Array<number>(bins).fill(0);
    for (const value of population) count[binOf(value)]++;
    return count;
  });
  const filled = Array.from({ length: bins }, (_, bin) => bin).filter((bin) => counts.every((count) => count[bin] > 0));
  const shared = new Set(filled);
  if (shared.size === 0) throw invalid("populations", "no common range of complexity", "an overlap", "use fewer bins");
  return populations.map((population, i) =>
    population.map((value) => (shared.has(binOf(value)) ? 1 / (counts[i][binOf(value)] * shared.size) : 0)),
  );
}
