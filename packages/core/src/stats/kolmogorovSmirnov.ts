import { ascending, expectSample } from "./quantile.js";

/** The two-sample Kolmogorov–Smirnov test. */
export interface KsResult {
  /** The largest distance between the two EDFs. */
  readonly statistic: number;
  /** Probability of a distance at least as large between two samples of one distribution. */
  readonly pValue: number;
  /** The error at which the EDFs are furthest apart (just above it). */
  readonly at: number;
}

/** Up to this many lattice points the p-value is exact; beyond, Kolmogorov's limit with Stephens's correction is. */
const EXACT_LIMIT = 1_000_000;

/**
 * Whether two populations' errors could come from one distribution. The p-value is exact for samples without ties,
 * and on the safe side with them.
 */
export function ksTest(a: readonly number[], b: readonly number[]): KsResult {
  expectSample("errors", a);
  expectSample("errors", b);
  const [x, y] = [ascending(a), ascending(b)];
  const { at, steps } = furthest(x, y);
  const statistic = steps / (x.length * y.length);
  const exact = x.length * y.length <= EXACT_LIMIT;
  const pValue = exact ? exactTail(x.length, y.length, steps) : limitTail(x.length, y.length, statistic);
  return { statistic, pValue, at };
}

/** The largest distance as an integer: |i·m − j·n| for i of n and j of m values passed. */
function furthest(x: readonly number[], y: readonly number[]): { at: number; steps: number } {
  let [i, j, steps, at] = [0, 0, 0, x[0]];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i], y[j]);
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    const distance = Math.abs(i * y.length - j * x.length);
    if (distance > steps) [steps, at] = [distance, value];
  }
  return { at, steps };
}

/**
 * P(D ≥ steps/nm): one less the share of lattice paths from (0,0) to (n,m) that stay nearer than `steps` to the
 * diagonal. `inside[j]` is that share for the paths to (i,j).
 */
function exactTail(n: number, m: number, steps: number): number {
  if (steps === 0) return 1;
  const inside = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      const near = Math.abs(i * m - j * n) < steps;
      const fromLeft = j > 0 ? (inside[j - 1] * j) / (i + j) : 0;
      const fromBelow = i > 0 ? (inside[j] * i) / (i + j) : 0;
      inside[j] = near ? (i + j === 0 ? 1 : fromLeft + fromBelow) : 0;
    }
  }
  return Math.min(1, Math.max(0, 1 - inside[m]));
}

function limitTail(n: number, m: number, statistic: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * statistic;
  if (lambda < 0.2) return 1;
  let [sum, sign] = [0, 1];
  for (let k = 1; k <= 100; k++) {
    sum += sign * Math.exp(-2 * k * k * lambda * lambda);
    sign = -sign;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
