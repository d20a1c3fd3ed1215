import type { ParameterRange } from "../../analysis/data.js";
import { isLogarithmic } from "../../analysis/ranges.js";
import { percent, plain } from "../format.js";
import { dots, thinned } from "./series.js";
import { type Chart, type ChartStyle, frame, padded, percentTicks } from "./style.js";

const MOST_DOTS = 600;

/** Error against one parameter, with the 95 % interval of the best value shaded and the most likely best value drawn. */
export function rangeChart(range: ParameterRange, style: ChartStyle, label = range.parameter): Chart {
  const { palette, text } = style;
  const log = isLogarithmic(range.parameter) && range.sampled[0] > 0;
  const points = thinned(range.points, MOST_DOTS).map((point) => ({
    name: `#${point.id}  ${range.parameter} ${plain(point.value)}  ${percent(point.error)}`,
    value: [point.value, point.error] as const,
  }));
  const [low, high] = padded(range.points.map((p) => p.error));
  const edges = log ? logEdges(range.sampled) : padded([...range.sampled]);
  const half = log ? 1.03 : 0;
  const shade = log ? [range.low / half, range.high * half] : widened(range, edges);
  const option = frame(
    style,
    { name: label, log, min: edges[0], max: edges[1], splits: 4, format: plainTick },
    {
      name: text.topOneError,
      min: Math.max(0, low),
      max: Math.min(1, high),
      splits: 4,
      format: percentTicks([low, high]),
    },
  );
  const series = {
    ...dots(label, points, palette.series[0], { size: 6, opacity: 0.55 }),
    markArea: {
      silent: true,
      itemStyle: { color: palette.series[0], opacity: 0.14 },
      data: [[{ xAxis: shade[0] }, { xAxis: shade[1] }]] as [{ xAxis: number }, { xAxis: number }][],
    },
    markLine: {
      silent: true,
      symbol: "none",
      label: { show: false },
      lineStyle: { color: palette.accent, width: 2, type: "solid" as const },
      data: [{ xAxis: range.best }],
    },
  };
  const description = `${label}: ${text.best} ${plain(range.best)}, 95 %: ${plain(range.low)}–${plain(range.high)}`;
  return { option: { ...option, series: [series] }, width: 380, height: 270, description };
}

/** An interval of one value still shows as a thin band. */
function widened({ low, high }: ParameterRange, [left, right]: readonly [number, number]): [number, number] {
  const least = (right - left) * 0.006;
  return high - low > 2 * least ? [low, high] : [low - least, high + least];
}

function logEdges([low, high]: readonly [number, number]): [number, number] {
  const room = Math.max(1.08, (high / low) ** 0.06);
  return [low / room, high * room];
}

function plainTick(value: number): string {
  return String(Number(value.toPrecision(3)));
}
