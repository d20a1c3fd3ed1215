import type { EfficiencyCurve } from "../../analysis/data.js";
import { seriesColour } from "../palette.js";
import { band, line, type Point } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";
import { powersOfTwo } from "./ticks.js";

/** Expected error of the best of k random networks, with the band that nine searches in ten keep. */
export function efficiencyChart(curves: readonly EfficiencyCurve[], style: ChartStyle): Chart {
  const { palette, text } = style;
  const series = curves.flatMap((curve, i) => {
    const colour = seriesColour(palette, i);
    const points = curve.k.map((k, j): Point => [k, curve.expected[j]]);
    return [band(curve.population, curve.k, curve.lower, curve.upper, colour), line(curve.population, points, colour)];
  });
  const [low, high] = padded(curves.flatMap((curve) => [...curve.expected, ...curve.lower]));
  const most = Math.max(2, ...curves.map((curve) => curve.k[curve.k.length - 1]));
  const option = frame(
    style,
    { name: text.networksTried, log: true, min: 1, max: most, ticks: powersOfTwo(1, most), format: String },
    { name: text.bestError, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
    curves.map((curve) => curve.population),
  );
  return { option: { ...option, series }, width: 760, height: 400, description: text.efficiency };
}
