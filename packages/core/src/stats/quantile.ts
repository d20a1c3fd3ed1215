import { invalid } from "../errors.js";

/** A copy in ascending order. */
export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

/** The quantile `q` in [0, 1] of values in ascending order, interpolated linearly (NumPy's default). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw invalid("sample", [], "at least one");
  if (!(q >= 0 && q <= 1)) throw invalid("quantile", q, "a share from 0 to 1");
  const position = q * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
}

/** Throws unless there is at least one value and all are finite. */
export function expectSample(what: string, values: readonly number[]): void {
  if (values.length === 0) throw invalid(what, values, "at least one");
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw invalid(what, bad, "finite numbers", "leave failed trials out");
}
