import { seriesColour } from "../palette.js";
import { line, type Point } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

/** Validation error of one network by epoch. */
export interface LearningCurve {
  readonly name: string;
  readonly errors: readonly number[];
}

/** Validation error against epochs. */
export function learningChart(curves: readonly LearningCurve[], style: ChartStyle): Chart {
  const { palette, text } = style;
  const series = curves.map((curve, i) => ({
    ...line(
      curve.name,
      curve.errors.map((error, epoch): Point => [epoch + 1, error]),
      seriesColour(palette, i),
    ),
    showSymbol: curve.errors.length <= 20,
    symbol: "circle",
    symbolSize: 6,
  }));
  const [low, high] = padded(curves.flatMap((curve) => [...curve.errors]));
  const epochs = Math.max(2, ...curves.map((curve) => curve.errors.length));
  const option = frame(
    style,
    { name: text.epoch, min: 1, max: epochs, integer: true },
    { name: text.topOneError, min: Math.max(0, low), max: Math.min(1, high), format: percentTicks([low, high]) },
    curves.map((curve) => curve.name),
  );
  return { option: { ...option, series }, width: 760, height: 360, description: text.learning };
}
