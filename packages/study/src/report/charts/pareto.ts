import type { Metric, ParetoFront } from "../../analysis/data.js";
import { bytes, count, milliseconds, percent } from "../format.js";
import { seriesColour } from "../palette.js";
import { dots, line, type NamedPoint, type Point, thinned } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_DOTS = 1200;

/** A network to point out on a chart. */
export interface Highlight {
  readonly label: string;
  readonly x: number;
  readonly error: number;
}

/** Error against one cost: every network, the Pareto front, and those worth pointing out. */
export function paretoChart(front: ParetoFront, style: ChartStyle, highlights: readonly Highlight[] = []): Chart {
  const { palette, text } = style;
  const onFront = new Set(front.front.map((position) => front.points[position]));
  const populations = [...new Set(front.points.map((point) => point.population))];
  const all = populations.flatMap((population, i) => {
    const members = front.points.filter((point) => point.population === population);
    const shown = thinned(members, MOST_DOTS / populations.length, (point) => onFront.has(point));
    return [false, true].map((predicted) => {
      const named = shown
        .filter((point) => point.predicted === predicted)
        .map(({ id, x, error }): NamedPoint => {
          const cost = `${predicted ? "≈ " : ""}${metricValue(front.metric, x)}`;
          return { name: `#${id}  ${cost}  ${percent(error)}`, value: [x, error] };
        });
      const colour = seriesColour(palette, i);
      return predicted
        ? dots(population, named, palette.surface, { size: 6, opacity: 0.6, border: colour })
        : dots(population, named, colour, { size: 6, opacity: front.metric === "latency" ? 0.9 : 0.45 });
    });
  });
  const steps = front.front.map((position): Point => [front.points[position].x, front.points[position].error]);
  const marks = highlights.map((highlight, i) => ({
    ...dots(
      highlight.label,
      [{ name: `${highlight.label}  ${percent(highlight.error)}`, value: [highlight.x, highlight.error] }],
      i === 0 ? palette.accent : palette.ink,
      { size: i === 0 ? 17 : 11, symbol: i === 0 ? STAR : "diamond", opacity: 1, border: palette.surface, z: 6 - i },
    ),
  }));
  const xs = [...front.points.map((p) => p.x), ...highlights.map((h) => h.x)];
  const [low, high] = padded([...front.points.map((p) => p.error), ...highlights.map((h) => h.error)]);
  const edges = padded(xs.map(Math.log10), 0.05);
  const option = frame(
    style,
    {
      name: metricName(front.metric, text),
      log: true,
      min: 10 ** edges[0],
      max: 10 ** edges[1],
      splits: 4,
      format: (v) => tick(front.metric, v),
    },
    { name: text.topOneError, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
    [...populations, text.front, ...highlights.map((h) => h.label)],
  );
  const series = [...all, line(text.front, steps, palette.ink, { width: 1.6, step: "end", z: 1 }), ...marks];
  const description = `${text.topOneError} – ${metricName(front.metric, text)}: ${steps.length} ${text.front}`;
  return { option: { ...option, series }, width: 560, height: 380, description };
}

const STAR = "path://M12 1l3.2 7 7.6.8-5.7 5.1 1.6 7.5L12 17.6 5.3 21.4l1.6-7.5L1.2 8.8 8.8 8z";

export function metricName(metric: Metric, text: ChartStyle["text"]): string {
  return text.metric[metric];
}

export function metricValue(metric: Metric, value: number): string {
  if (metric === "latency") return milliseconds(value);
  if (metric === "memory") return bytes(value);
  return count(value);
}

function tick(metric: Metric, value: number): string {
  const short = Number(value.toPrecision(3));
  return metric === "latency"
    ? String(short)
    : count(short)
        .replace(/\.0+(?=[KMG]|$)/, "")
        .replace(/(\.\d*?)0+(?=[KMG]|$)/, "$1");
}
