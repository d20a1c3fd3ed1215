import type { BandKind, EdfCurve } from "../../analysis/data.js";
import { significant } from "../format.js";
import { seriesColour } from "../palette.js";
import { band, line, type Point, thinned } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_STEPS = 400;

/** Error distributions of populations with one of their 95 % bands; the legend reads `name  n | min | mean` as in the paper. */
export function edfChart(curves: readonly EdfCurve[], style: ChartStyle, kind: BandKind = "dkw"): Chart {
  const { text, palette } = style;
  const names = curves.map(edfLegend);
  const [low, high] = padded(curves.flatMap((c) => [c.errors[0], c.errors[c.errors.length - 1]]));
  const edges: [number, number] = [Math.max(0, low), Math.min(1, high)];
  const series = curves.flatMap((curve, i) => {
    const colour = seriesColour(palette, i);
    const steps = staircase(curve, kind, edges);
    return [
      band(
        names[i],
        steps.map((s) => s.error),
        steps.map((s) => s.lower),
        steps.map((s) => s.upper),
        colour,
      ),
      line(
        names[i],
        steps.map((s): Point => [s.error, s.share]),
        colour,
      ),
    ];
  });
  const option = frame(
    style,
    { name: text.topOneError, min: edges[0], max: edges[1], format: percentTicks(edges) },
    { name: text.cumulative, min: 0, max: 1, format: (v) => significantShare(v) },
    names,
  );
  const description = `${text.edf} (${text.band[kind]}): ${names.join("; ")}`;
  return { option: { ...option, series }, width: 760, height: 420 + 20 * curves.length, description };
}

/** `RegNetX  60 | 35.2 | 41.0`: number of networks, least and mean error in percent. */
export function edfLegend({ population, n, min, mean }: EdfCurve): string {
  return `${population}  ${n} | ${(min * 100).toFixed(1)} | ${(mean * 100).toFixed(1)}`;
}

interface Step {
  readonly error: number;
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
}

/** Corners of the step function, from the left edge of the chart to the right one. */
function staircase(curve: EdfCurve, kind: BandKind, [left, right]: readonly [number, number]): Step[] {
  const { errors, share, bands } = curve;
  const { lower, upper } = bands[kind];
  const below = kind === "dkw" ? Math.max(0, upper[0] - share[0]) : 0;
  const steps: Step[] = [{ error: left, share: 0, lower: 0, upper: below }];
  for (const i of thinned([...errors.keys()], MOST_STEPS, (index) => index === errors.length - 1)) {
    const before = steps[steps.length - 1];
    steps.push(
      { ...before, error: errors[i] },
      { error: errors[i], share: share[i], lower: lower[i], upper: upper[i] },
    );
  }
  return [...steps, { ...steps[steps.length - 1], error: right }];
}

function significantShare(value: number): string {
  return value === 0 || value === 1 ? String(value) : significant(value).replace(/0+$/, "");
}
