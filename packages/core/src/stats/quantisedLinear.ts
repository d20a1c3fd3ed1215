import { invalid } from "../errors.js";
import { roundHalfEven } from "../rule/rounding.js";
import type { StageTable } from "../rule/rule.js";

/** The quantised-linear rule that comes nearest to a network's widths. */
export interface QuantisedLinearFit {
  readonly w0: number;
  readonly wa: number;
  readonly wm: number;
  /** Mean over the blocks of |log(fitted width ÷ width)|; 0 is a perfect fit. */
  readonly error: number;
}

interface Axis {
  readonly values: readonly number[];
}

const W0 = { low: 4, high: 512, count: 22 };
const WA = { low: 1, high: 512, count: 28 };
const WM = { low: 1.25, high: 4, count: 23 };
const ROUNDS = 4;

/**
 * e_fit of the paper (§3.3): with d the network's depth, a grid search over w0, wa and wm for the least mean
 * log-ratio of predicted to observed widths per block. The grid is refined around its best point.
 */
export function fitQuantisedLinear({ widths, depths }: Pick<StageTable, "widths" | "depths">): QuantisedLinearFit {
  const observed = blockWidths(widths, depths).map(Math.log);
  if (observed.length === 0) throw invalid("network", depths, "at least one block");
  let axes = [
    geometric(W0.low, W0.high, W0.count),
    geometric(WA.low, WA.high, WA.count),
    geometric(WM.low, WM.high, WM.count),
  ];
  axes[1] = { values: [0, ...axes[1].values] };
  let best = search(axes, observed);
  for (let round = 0; round < ROUNDS; round++) {
    axes = [around(best.w0, axes[0], 0), around(best.wa, axes[1], 0), around(best.wm, axes[2], 1)];
    const finer = search(axes, observed);
    if (finer.error < best.error) best = finer;
  }
  return best;
}

/** One width a block. */
export function blockWidths(widths: readonly number[], depths: readonly number[]): number[] {
  return widths.flatMap((width, i) => new Array<number>(depths[i]).fill(width));
}

function search([w0s, was, wms]: readonly Axis[], observed: readonly number[]): QuantisedLinearFit {
  let best = { w0: w0s.values[0], wa: 0, wm: 2, error: Number.POSITIVE_INFINITY };
  const levels = new Float64Array(observed.length);
  for (const w0 of w0s.values) {
    const logW0 = Math.log(w0);
    for (const wa of was.values) {
      for (let j = 0; j < levels.length; j++) levels[j] = Math.log1p((wa * j) / w0);
      for (const wm of wms.values) {
        const error = meanLogRatio(observed, levels, logW0, Math.log(wm));
        if (error < best.error) best = { w0, wa, wm, error };
      }
    }
  }
  return best;
}

function meanLogRatio(observed: readonly number[], levels: Float64Array, logW0: number, logWm: number): number {
  let sum = 0;
  for (let j = 0; j < levels.length; j++) {
    sum += Math.abs(logW0 + roundHalfEven(levels[j] / logWm) * logWm - observed[j]);
  }
  return sum / levels.length;
}

function geometric(low: number, high: number, count: number): Axis {
  return { values: Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1))) };
}

/** Nine points between the neighbours of `best` on the axis, itself among them; none at or below `floor`. */
function around(best: number, { values }: Axis, floor: number): Axis {
  const index = values.indexOf(best);
  const below = values[index - 1] ?? best - (values[index + 1] - best);
  const above = values[index + 1] ?? best + (best - values[index - 1]);
  const steps = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];
  const points = steps.map((step) => best + Math.abs(step) * (step < 0 ? below - best : above - best));
  return { values: points.filter((value) => value > floor || value === best) };
}
