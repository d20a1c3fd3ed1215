import type { EdfCurve } from "../../analysis/data.js";
import { significant } from "../format.js";
import { seriesColour } from "../palette.js";
import { band, line, type Point, thinned } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_STEPS = 400;

/** An error marked on the chart, for instance that of a published network trained alike. */
export interface EdfMark {
  readonly label: string;
  readonly error: number;
}

/** Error distributions of populations with their 95 % bands; the legend reads `name  n | min | mean` as in the paper. */
export function edfChart(curves: readonly EdfCurve[], style: ChartStyle, marks: readonly EdfMark[] = []): Chart {
  const { text, palette } = style;
  const names = curves.map(edfLegend);
  const [low, high] = padded([
    ...curves.flatMap((c) => [c.errors[0], c.errors[c.errors.length - 1]]),
    ...marks.map((m) => m.error),
  ]);
  const edges: [number, number] = [Math.max(0, low), Math.min(1, high)];
  const series = curves.flatMap((curve, i) => {
    const colour = seriesColour(palette, i);
    const steps = staircase(curve, edges);
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
  const markSeries = marks.map((mark) => ({
    ...line(
      mark.label,
      [
        [mark.error, 0],
        [mark.error, 1],
      ],
      palette.accent,
      { width: 1.5, dash: "dashed" },
    ),
  }));
  const option = frame(
    style,
    { name: text.topOneError, min: edges[0], max: edges[1], format: percentTicks(edges) },
    { name: text.cumulative, min: 0, max: 1, format: (v) => significantShare(v) },
    [...names, ...marks.map((m) => m.label)],
  );
  const description = `${text.edf}: ${names.join("; ")}`;
  return {
    option: { ...option, series: [...series, ...markSeries] },
    width: 760,
    height: 420 + 12 * curves.length,
    description,
  };
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
function staircase(curve: EdfCurve, [left, right]: readonly [number, number]): Step[] {
  const zero = { error: left, share: 0, lower: 0, upper: curve.upper[0] - curve.share[0] };
  const indices = thinned([...curve.errors.keys()], MOST_STEPS, (i) => i === curve.errors.length - 1);
  const steps: Step[] = [{ ...zero, upper: Math.max(0, zero.upper) }];
  for (const i of indices) {
    const error = curve.errors[i];
    const before = steps[steps.length - 1];
    steps.push({ ...before, error }, { error, share: curve.share[i], lower: curve.lower[i], upper: curve.upper[i] });
  }
  return [...steps, { ...steps[steps.length - 1], error: right }];
}

function significantShare(value: number): string {
  return value === 0 || value === 1 ? String(value) : significant(value).replace(/0+$/, "");
}
