import type { AnytimeCurve } from "../../analysis/anytime.js";
import { seriesColour } from "../palette.js";
import { band, line, type Point } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

/** The axis of errors begins to count from this share of the training on: what is found at first tells nothing apart. */
const SETTLED = 0.08;

/** The best error found so far against the epochs spent, a staircase a search; bands reach from the best seed to the worst. */
export function anytimeChart(curves: readonly AnytimeCurve[], style: ChartStyle): Chart {
  const { palette, text } = style;
  const series = curves.flatMap((curve, i) => {
    const [colour, name] = [seriesColour(palette, i), anytimeLegend(curve)];
    const steps = line(name, stairs(curve.spent, curve.best), colour);
    if (curve.seeds === 1) return [steps];
    const [lower, upper] = [stairs(curve.spent, curve.lower), stairs(curve.spent, curve.upper)];
    const values = (points: readonly Point[], axis: 0 | 1) => points.map((point) => point[axis]);
    return [band(name, values(lower, 0), values(lower, 1), values(upper, 1), colour), steps];
  });
  const spent = curves.flatMap((curve) => curve.spent);
  const settled = SETTLED * Math.max(1, ...spent);
  const late = (curve: AnytimeCurve) =>
    curve.upper.filter((_, i) => curve.spent[i] >= settled || curve.spent.length === 1);
  const [low, high] = padded(curves.flatMap((curve) => [Math.min(...curve.lower), ...late(curve)]));
  const option = frame(
    style,
    { name: text.epochsSpent, min: 0, max: Math.max(1, ...spent), format: String },
    { name: text.bestFound, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
    curves.map(anytimeLegend),
  );
  const description = `${text.anytime}: ${curves.map(anytimeLegend).join("; ")}`;
  return { option: { ...option, series }, width: 760, height: 400 + 20 * curves.length, description };
}

/** `evolution  3 | 41.2`: seeds, and the error at the end in percent. */
function anytimeLegend({ name, seeds, best }: AnytimeCurve): string {
  return `${name}  ${seeds} | ${(best[best.length - 1] * 100).toFixed(1)}`;
}

function stairs(x: readonly number[], y: readonly number[]): Point[] {
  return x.flatMap((at, i): Point[] =>
    i > 0
      ? [
          [at, y[i - 1]],
          [at, y[i]],
        ]
      : [[at, y[i]]],
  );
}
