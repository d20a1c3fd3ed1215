import { invalid } from "../errors.js";

/** A linear model y ≈ Σ coefficients[k]·x[k]. */
export interface LinearFit {
  readonly coefficients: readonly number[];
  /** Share of the variance of y that is explained. */
  readonly r2: number;
  /** Root of the mean squared residual, in the unit of y. */
  readonly residual: number;
}

/**
 * Linear least squares by Householder QR. Give a column of ones for an intercept. Columns that depend on others
 * get the coefficient 0.
 *
 * @param rows one row of x for each y
 * @param options `nonNegative`: no coefficient below 0 (exact for up to ten columns; time and latency want this)
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  { nonNegative = false }: { readonly nonNegative?: boolean } = {},
): LinearFit {
  const width = rows[0]?.length ?? 0;
  if (rows.length !== targets.length || rows.length === 0 || width === 0) {
    throw invalid("rows", `${rows.length} of ${width} columns`, `at least one row a target, ${targets.length} in all`);
  }
  const columns = Array.from({ length: width }, (_, k) => k);
  const coefficients = nonNegative
    ? bestNonNegative(rows, targets, columns)
    : spread(solve(rows, targets, columns), columns, width);
  return { coefficients, ...quality(rows, targets, coefficients) };
}

/** The best fit over all subsets of columns whose coefficients come out non-negative. */
function bestNonNegative(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  columns: readonly number[],
): number[] {
  if (columns.length > 10) throw invalid("columns", columns.length, "at most ten with nonNegative");
  let best = columns.map(() => 0);
  let least = squaredError(rows, targets, best);
  for (let subset = 1; subset < 1 << columns.length; subset++) {
    const chosen = columns.filter((k) => subset & (1 << k));
    const solution = solve(rows, targets, chosen);
    if (solution.some((value) => value < 0)) continue;
    const candidate = spread(solution, chosen, columns.length);
    const error = squaredError(rows, targets, candidate);
    if (error < least) [best, least] = [candidate, error];
  }
  return best;
}

function spread(solution: readonly number[], columns: readonly number[], width: number): number[] {
  const full = new Array<number>(width).fill(0);
  columns.forEach((k, i) => {
    full[k] = solution[i];
  });
  return full;
}

/** Householder QR of the chosen columns, each scaled to length 1, then back substitution. */
function solve(rows: readonly (readonly number[])[], targets: readonly number[], columns: readonly number[]): number[] {
  const scales = columns.map((k) => Math.hypot(...rows.map((row) => row[k])) || 1);
  const a = rows.map((row, i) => [...columns.map((k, j) => row[k] / scales[j]), targets[i]]);
  const n = columns.length;
  for (let k = 0; k < Math.min(n, a.length); k++) reflect(a, k, n);
  const x = new Array<number>(n).fill(0);
  for (let k = Math.min(n, a.length) - 1; k >= 0; k--) {
    let rest = a[k][n];
    for (let j = k + 1; j < n; j++) rest -= a[k][j] * x[j];
    x[k] = Math.abs(a[k][k]) > 1e-10 ? rest / a[k][k] : 0;
  }
  return x.map((value, j) => value / scales[j]);
}

/** Zeroes column k below the diagonal, in place, the last column (the targets) included. */
function reflect(a: number[][], k: number, n: number): void {
  let norm = 0;
  for (let i = k; i < a.length; i++) norm = Math.hypot(norm, a[i][k]);
  if (norm < 1e-10) return;
  const alpha = a[k][k] > 0 ? -norm : norm;
  const v = a.map((row, i) => (i < k ? 0 : row[k] - (i === k ? alpha : 0)));
  const length = v.reduce((sum, value) => sum + value * value, 0);
  for (let j = k; j <= n; j++) {
    let dot = 0;
    for (let i = k; i < a.length; i++) dot += v[i] * a[i][j];
    for (let i = k; i < a.length; i++) a[i][j] -= (2 * dot * v[i]) / length;
  }
}

function squaredError(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  coefficients: readonly number[],
): number {
  return rows.reduce((sum, row, i) => {
    const predicted = row.reduce((total, value, k) => total + value * coefficients[k], 0);
    return sum + (targets[i] - predicted) ** 2;
  }, 0);
}

function quality(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  coefficients: readonly number[],
): { r2: number; residual: number } {
  const mean = targets.reduce((sum, y) => sum + y, 0) / targets.length;
  const total = targets.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  const error = squaredError(rows, targets, coefficients);
  return { r2: total > 0 ? 1 - error / total : Number(error < 1e-20), residual: Math.sqrt(error / targets.length) };
}
