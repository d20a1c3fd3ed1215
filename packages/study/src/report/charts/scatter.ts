import type { LineFit, Trend } from "../../analysis/data.js";
import type { LatencyFit } from "../../latency/model.js";
import { count, milliseconds, percent, plain } from "../format.js";
import { seriesColour } from "../palette.js";
import { dots, line, type Point, thinned } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_DOTS = 800;

/** A network to point out on a trend. */
export interface TrendMark {
  readonly name: string;
  readonly flops: number;
  readonly value: number;
}

/**
 * A quantity against flops on two logarithmic axes: the networks that the power law goes through filled, the others
 * hollow.
 */
export function trendChart(trend: Trend, style: ChartStyle, marks: readonly TrendMark[] = []): Chart {
  const { palette, text } = style;
  const [colour] = palette.series;
  const shown = thinned(trend.points, MOST_DOTS, (point) => point.best);
  const named = (best: boolean) =>
    shown
      .filter((point) => point.best === best)
      .map(({ id, flops, value, error }) => ({
        name: `#${id}  ${count(flops)}  ${plain(value)}  ${percent(error)}`,
        value: [flops, value] as const,
      }));
  const all = [...trend.points, ...marks];
  const edges = (values: readonly number[], room: number) => padded(values.map(Math.log10), room).map((v) => 10 ** v);
  const xs = edges(
    all.map(({ flops }) => flops),
    0.06,
  );
  const ys = edges(
    all.map(({ value }) => value),
    0.12,
  );
  const law = xs.map((x): Point => [x, trend.coefficient * x ** trend.exponent]);
  const label = text.quantity[trend.quantity as keyof typeof text.quantity] ?? trend.quantity;
  const option = frame(
    style,
    { name: text.metric.flops, log: true, min: xs[0], max: xs[1], splits: 4, format: countTick },
    { name: label, log: true, min: ys[0], max: ys[1], splits: 4, format: countTick },
  );
  const series = [
    dots(label, named(false), palette.surface, { size: 6, opacity: 0.55, border: colour }),
    dots(text.best, named(true), colour, { size: 7, opacity: 0.75 }),
    { ...line(text.law, law, palette.accent, { width: 2 }), clip: true },
    dots(
      text.chosen,
      marks.map(({ name, flops, value }) => ({ name: `${name}  ${plain(value)}`, value: [flops, value] })),
      palette.ink,
      { size: 11, symbol: "diamond", opacity: 1, border: palette.surface, z: 5 },
    ),
  ];
  return {
    option: { ...option, series },
    width: 380,
    height: 280,
    description: `${label} ∝ flops^${trend.exponent.toFixed(2)}`,
  };
}

/** How near free-form networks are to a quantised line, against their error. */
export function lineFitChart(fits: readonly LineFit[], style: ChartStyle): Chart {
  const { palette, text } = style;
  const populations = [...new Set(fits.map((fit) => fit.population))];
  const series = populations.map((population, i) =>
    dots(
      population,
      thinned(
        fits.filter((fit) => fit.population === population),
        MOST_DOTS,
      ).map((fit) => ({
        name: `#${fit.id}  e_fit ${plain(fit.fit)}  ${percent(fit.error)}`,
        value: [fit.fit, fit.error],
      })),
      seriesColour(palette, i),
      { size: 7, opacity: 0.6 },
    ),
  );
  const [low, high] = padded(fits.map((fit) => fit.error));
  const option = frame(
    style,
    { name: text.lineFit, min: 0, max: padded(fits.map((fit) => fit.fit))[1] },
    { name: text.topOneError, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
    populations,
  );
  return { option: { ...option, series }, width: 760, height: 400, description: text.lineFit };
}

/** Measured against predicted latency; on the diagonal the model is exact. */
export function latencyChart(fit: LatencyFit, style: ChartStyle): Chart {
  const { palette, text } = style;
  const named = fit.points.map((point) => ({
    name: `${point.name}  ${milliseconds(point.measured)} (${milliseconds(point.predicted)})`,
    value: [point.predicted, point.measured] as const,
  }));
  const edges = padded(
    fit.points.flatMap((p) => [Math.log10(p.predicted), Math.log10(p.measured)]),
    0.1,
  ).map((v) => 10 ** v);
  const scale = {
    log: true,
    min: edges[0],
    max: edges[1],
    splits: 4,
    format: (v: number) => String(Number(v.toPrecision(3))),
  };
  const option = frame(style, { name: text.predicted, ...scale }, { name: text.measured, ...scale });
  const series = [
    line(
      text.predicted,
      [
        [edges[0], edges[0]],
        [edges[1], edges[1]],
      ],
      palette.muted,
      { width: 1.4, dash: "dashed" },
    ),
    dots(text.measured, named, palette.series[0], { size: 9, opacity: 0.75 }),
  ];
  return {
    option: { ...option, series },
    width: 560,
    height: 400,
    description: `${text.measured} – ${text.predicted}`,
  };
}

function countTick(value: number): string {
  return count(Number(value.toPrecision(3)))
    .replace(/\.0+(?=[KMG]|$)/, "")
    .replace(/(\.\d*?)0+(?=[KMG]|$)/, "$1");
}
