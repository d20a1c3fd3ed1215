import type { EChartsOption } from "echarts";
import { percent } from "../format.js";
import type { Messages } from "../messages/en.js";
import { lightPalette, type Palette } from "../palette.js";
import { ticksOf } from "./ticks.js";

export type ChartText = Messages["chart"];

/** What a chart needs beside its data. */
export interface ChartStyle {
  readonly palette: Palette;
  readonly text: ChartText;
}

/** A chart: a picture as data, its size in pixels, and what it shows in words (for readers who cannot see it). */
export interface Chart {
  readonly option: EChartsOption;
  readonly width: number;
  readonly height: number;
  readonly description: string;
}

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

export interface AxisOptions {
  readonly name: string;
  readonly log?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly format?: (value: number) => string;
  /** Only whole numbers as ticks. */
  readonly integer?: boolean;
  readonly splits?: number;
  /** Ticks to have in place of round numbers. */
  readonly ticks?: readonly number[];
}

/** The frame every chart shares: fonts, margins, grid lines, axes named in words. */
export function frame(
  style: ChartStyle,
  x: AxisOptions,
  y: AxisOptions,
  legend: readonly string[] = [],
): EChartsOption {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: style.palette.ink },
    grid: {
      left: 62,
      right: 20,
      top: legend.length > 0 ? 16 + legendHeight(legend) : 16,
      bottom: 50,
      containLabel: false,
    },
    legend:
      legend.length > 0
        ? {
            data: [...legend],
            top: 2,
            left: 54,
            orient: isStacked(legend) ? ("vertical" as const) : ("horizontal" as const),
            itemWidth: 18,
            itemHeight: 9,
            itemGap: isStacked(legend) ? STACKED_GAP : GAP,
            icon: "roundRect",
            textStyle: { color: style.palette.ink, fontSize: 12.5 },
          }
        : undefined,
    tooltip: { trigger: "item", formatter: "{b}" },
    xAxis: { ...axis(style, x), nameLocation: "middle", nameGap: 32 },
    yAxis: { ...axis(style, y), nameLocation: "middle", nameGap: 46 },
  };
}

/** Between two entries of a legend, in pixels: across, and down. Across there is room for fonts wider than expected. */
const GAP = 30;
const STACKED_GAP = 8;
const ENTRY_HEIGHT = 14;
const MOST_ACROSS = 640;

/** Entries stand under one another where they do not fit beside one another. */
function isStacked(legend: readonly string[]): boolean {
  const width = legend.reduce((sum, text) => sum + 32 + GAP + 7 * text.length, 0);
  return legend.length > 1 && (width > MOST_ACROSS || legend.some((text) => text.length > 34));
}

function legendHeight(legend: readonly string[]): number {
  return (ENTRY_HEIGHT + STACKED_GAP) * (isStacked(legend) ? legend.length : 1);
}

function axis({ palette }: ChartStyle, options: AxisOptions) {
  const { name, log, min, max, format, integer, splits } = options;
  const bounded = min !== undefined && max !== undefined;
  const ticks = options.ticks ?? (bounded ? ticksOf(min, max, { log, splits, integer }) : undefined);
  return {
    type: log ? ("log" as const) : ("value" as const),
    name,
    nameTextStyle: { color: palette.muted, fontSize: 12.5 },
    min,
    max,
    scale: true,
    axisLine: { show: true, lineStyle: { color: palette.grid } },
    axisTick: { show: false, customValues: ticks && [...ticks] },
    splitLine: { show: true, lineStyle: { color: palette.grid, width: 1 } },
    axisLabel: {
      color: palette.muted,
      fontSize: 12,
      hideOverlap: true,
      formatter: format,
      customValues: ticks && [...ticks],
    },
  };
}

/** Percent on an axis of shares, with a digit where whole percents would repeat. */
export function percentTicks([low, high]: readonly [number, number]): (value: number) => string {
  const digits = high - low < 0.012 ? 2 : high - low < 0.06 ? 1 : 0;
  return (value) => percent(value, digits);
}

/** A style for tests and for pages that set no colours. */
export function defaultStyle(text: ChartText): ChartStyle {
  return { palette: lightPalette, text };
}

/** Room around the data on both sides: a share of its extent. */
export function padded(values: readonly number[], share = 0.05): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!Number.isFinite(low)) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}
