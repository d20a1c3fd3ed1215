import { type Random, uniform } from "../random/random.js";

/** A distribution over finitely many numbers, ascending. */
export interface Distribution {
  readonly values: readonly number[];
  /** Probability of each value; they sum to 1. */
  readonly probabilities: readonly number[];
}

/** Draws from a distribution, with one random number a draw. */
export class Draw {
  private readonly cumulative: Float64Array;

  constructor(readonly distribution: Distribution) {
    this.cumulative = cumulate(distribution.probabilities);
  }

  next(random: Random): number {
    const { values } = this.distribution;
    return values.length === 1 ? values[0] : values[search(this.cumulative, uniform(random), 0)];
  }
}

/**
 * Draws sequences of independent values under the condition that they never fall: exactly the sequences that drawing
 * again until they do not fall would give, without drawing again.
 */
export class RisingDraw {
  /** For k values still to come: their joint weight by the least value allowed, summed from below for inversion. */
  private readonly tables: Float64Array[];

  constructor(
    readonly distribution: Distribution,
    readonly length: number,
  ) {
    const count = distribution.values.length;
    let tail = new Float64Array(count).fill(1);
    this.tables = [];
    for (let k = 0; k < length; k++) {
      const weights = distribution.probabilities.map((p, i) => p * tail[i]);
      const table = cumulate(weights);
      this.tables.push(table);
      tail = tail.map((_, i) => table[count - 1] - (i > 0 ? table[i - 1] : 0));
    }
  }

  /** Fills the first `length` places of `into`. */
  next(random: Random, into: number[] | Float64Array): void {
    const { values } = this.distribution;
    let least = 0;
    for (let k = 0; k < this.length; k++) {
      const table = this.tables[this.length - 1 - k];
      const below = least > 0 ? table[least - 1] : 0;
      least = search(table, below + uniform(random) * (table[table.length - 1] - below), least);
      into[k] = values[least];
    }
  }
}

function cumulate(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    sums[i] = sum;
  }
  return sums;
}

/** The first index from `least` on whose sum exceeds `target`. */
function search(sums: Float64Array, target: number, least: number): number {
  let low = least;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
