import type { CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from "echarts";

export type Point = readonly [x: number, y: number];
/** A point with the text that is shown when it is pointed at. */
export interface NamedPoint {
  readonly name: string;
  readonly value: Point;
}

/** A shaded area between two curves over the same x. */
export function band(
  name: string,
  x: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
  colour: string,
): CustomSeriesOption {
  return {
    type: "custom",
    name,
    silent: true,
    clip: true,
    z: 1,
    itemStyle: { color: colour },
    data: [[x[0] ?? 0, lower[0] ?? 0]],
    renderItem: (_params, api) => ({
      type: "polygon",
      shape: {
        points: [
          ...x.map((value, i) => api.coord([value, upper[i]]) as [number, number]),
          ...x.map((value, i) => api.coord([value, lower[i]]) as [number, number]).reverse(),
        ],
      },
      style: { fill: colour, opacity: 0.14 },
    }),
  };
}

export interface LineStyle {
  readonly width?: number;
  readonly dash?: "solid" | "dashed" | "dotted";
  readonly step?: "start" | "middle" | "end";
  readonly opacity?: number;
  readonly z?: number;
}

export function line(
  name: string,
  points: readonly Point[],
  colour: string,
  { width = 2, dash = "solid", step, opacity = 1, z = 3 }: LineStyle = {},
): LineSeriesOption {
  return {
    type: "line",
    name,
    showSymbol: false,
    silent: true,
    step: step ?? false,
    z,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width, type: dash, opacity },
    data: points.map((point) => [...point]),
  };
}

export interface DotStyle {
  readonly size?: number;
  readonly symbol?: string;
  readonly opacity?: number;
  readonly border?: string;
  readonly z?: number;
}

export function dots(
  name: string,
  points: readonly NamedPoint[],
  colour: string,
  { size = 7, symbol = "circle", opacity = 0.6, border, z = 2 }: DotStyle = {},
): ScatterSeriesOption {
  return {
    type: "scatter",
    name,
    z,
    symbol,
    symbolSize: size,
    itemStyle: { color: colour, opacity, borderColor: border, borderWidth: border ? 1.5 : 0 },
    data: points.map(({ name: label, value }) => ({ name: label, value: [...value] })),
  };
}

/** At most `limit` of the points: all that `keep` names, and of the rest every n-th. A picture of 10,000 dots says no more. */
export function thinned<T>(points: readonly T[], limit: number, keep: (point: T) => boolean = () => false): T[] {
  if (points.length <= limit) return [...points];
  const stride = points.length / limit;
  let next = 0;
  return points.filter((point, i) => {
    if (i < next && !keep(point)) return false;
    if (i >= next) next += stride;
    return true;
  });
}
