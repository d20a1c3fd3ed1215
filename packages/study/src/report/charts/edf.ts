import type { BandKind, EdfCurve } from "../../analysis/data.js";
import { significant } from "../format.js";
import { seriesColour } from "../palette.js";
import { band, type LineStyle, line, type Point, thinned } from "./series.js";
import { type AxisOptions, type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_STEPS = 400;
/** More bands than these over one another cannot be told apart. */
export const MOST_BANDS = 3;

/**
 * Error distributions of populations, with one of their 95 % bands where it is given; the legend reads
 * `name  n | min | mean` as in the paper.
 */
export function edfChart(curves: readonly EdfCurve[], style: ChartStyle, kind?: BandKind): Chart {
  const { text, palette } = style;
  const names = curves.map(edfLegend);
  const edges = edgesOf(curves);
  const series = curves.flatMap((curve, i) => {
    const colour = seriesColour(palette, i);
    const curveLine = lineOf(curve, names[i], edges, colour);
    return kind ? [bandOf(curve, kind, names[i], edges, colour), curveLine] : [curveLine];
  });
  const option = frame(style, errorAxis(edges, style), shareAxis(style), names);
  const description = `${text.edf}${kind ? ` (${text.band[kind]})` : ""}: ${names.join("; ")}`;
  return { option: { ...option, series }, width: 760, height: 420 + 20 * curves.length, description };
}

/** One of several populations with one of its 95 % bands, before the others in grey: for more than a chart can show at once. */
export function edfPanel(curves: readonly EdfCurve[], focus: number, style: ChartStyle, kind: BandKind): Chart {
  const { text, palette } = style;
  const edges = edgesOf(curves);
  const curve = curves[focus];
  const name = edfLegend(curve);
  const colour = seriesColour(palette, focus);
  const others = curves.filter((_, i) => i !== focus);
  const series = [
    ...others.map((other) => lineOf(other, edfLegend(other), edges, palette.muted, { width: 1, opacity: 0.45, z: 2 })),
    bandOf(curve, kind, name, edges, colour),
    lineOf(curve, name, edges, colour),
  ];
  const option = frame(style, { ...errorAxis(edges, style), splits: 4 }, shareAxis(style));
  const description = `${text.edf} (${text.band[kind]}): ${name}`;
  return { option: { ...option, series }, width: 380, height: 270, description };
}

function edgesOf(curves: readonly EdfCurve[]): [number, number] {
  const [low, high] = padded(curves.flatMap((c) => [c.errors[0], c.errors[c.errors.length - 1]]));
  return [Math.max(0, low), Math.min(1, high)];
}

function errorAxis(edges: readonly [number, number], { text }: ChartStyle): AxisOptions {
  return { name: text.topOneError, min: edges[0], max: edges[1], format: percentTicks(edges) };
}

function shareAxis({ text }: ChartStyle): AxisOptions {
  return { name: text.cumulative, min: 0, max: 1, format: significantShare };
}

function lineOf(curve: EdfCurve, name: string, edges: [number, number], colour: string, how?: LineStyle) {
  const points = staircase(curve, "dkw", edges).map(({ error, share }): Point => [error, share]);
  return line(name, points, colour, how);
}

function bandOf(curve: EdfCurve, kind: BandKind, name: string, edges: [number, number], colour: string) {
  const steps = staircase(curve, kind, edges);
  const column = (of: keyof Step) => steps.map((step) => step[of]);
  return band(name, column("error"), column("lower"), column("upper"), colour);
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
  // Left of all errors the band is as high as it is low at the right, where the share is one.
  const below = kind === "dkw" ? 1 - lower[lower.length - 1] : 0;
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
