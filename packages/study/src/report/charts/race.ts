import type { RaceReport } from "../document.js";
import { significant } from "../format.js";
import { seriesColour } from "../palette.js";
import { line } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

/** Lines of entrants that fell. */
const FADED = 0.35;

/** Validation error against seconds of training, a line an entrant; rungs are thin verticals, who fell is faded. */
export function raceChart({ lanes, rungs }: RaceReport, style: ChartStyle): Chart {
  const { palette, text } = style;
  const shown = lanes.map((lane, i) => ({ ...lane, colour: lane.won ? palette.accent : seriesColour(palette, i) }));
  const series = shown.map(({ name, points, won, colour }) => ({
    ...line(name, points, colour, { width: won ? 2.8 : 1.6, opacity: won ? 1 : FADED, z: won ? 5 : 3 }),
    itemStyle: { color: colour, opacity: won ? 1 : FADED },
    showSymbol: points.length <= 12,
    symbol: "circle",
    symbolSize: won ? 7 : 6,
    ...(won && {
      endLabel: { show: true, formatter: name, color: palette.ink, align: "right" as const, offset: [0, -14] },
    }),
  }));
  const verticals = {
    ...line(text.rungs, [], palette.muted, { width: 1 }),
    markLine: {
      silent: true,
      symbol: "none",
      label: { show: false },
      lineStyle: { color: palette.muted, width: 1, type: "dotted" as const },
      data: rungs.map((xAxis) => ({ xAxis })),
    },
  };
  const points = lanes.flatMap((lane) => [...lane.points]);
  const [low, high] = padded(points.map(([, error]) => error));
  const seconds = points.map(([at]) => at).filter((at) => at > 0);
  const [first, end] = [Math.min(1e9, ...seconds), Math.max(1, ...seconds)];
  const option = frame(
    style,
    { name: text.trainingSeconds, log: true, min: 0.8 * first, max: 1.25 * end, format: (at) => significant(at) },
    { name: text.topOneError, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
  );
  return { option: { ...option, series: [...series, verticals] }, width: 760, height: 400, description: text.race };
}
