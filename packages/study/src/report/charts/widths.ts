import { blockWidths, type StageTable } from "@regnet/core";
import { dots, line, type Point } from "./series.js";
import { type Chart, type ChartStyle, frame } from "./style.js";

/** A network's widths over its blocks; `u` is the line u_j = w0 + wa·j they were quantised from. */
export interface WidthLine extends StageTable {
  readonly name: string;
  readonly u?: readonly number[];
}

/** The staircase of block widths, the line it follows, and the stages shaded in turn. */
export function widthChart(network: WidthLine, style: ChartStyle): Chart {
  const { palette, text } = style;
  const widths = blockWidths(network.widths, network.depths);
  const stairs = stairsOf(widths);
  const top = Math.max(...widths, ...(network.u ?? [])) * 1.1;
  const stages = network.depths.map((depth, stage) => {
    const start = network.depths.slice(0, stage).reduce((sum, d) => sum + d, 0);
    return [
      {
        xAxis: start - 0.5,
        name: `${network.widths[stage]} × ${depth}`,
        itemStyle: { color: palette.series[0], opacity: stage % 2 === 0 ? 0.1 : 0.03 },
        label: { show: true, position: "insideTop" as const, color: palette.muted, fontSize: 12 },
      },
      { xAxis: start + depth - 0.5 },
    ] as [object, object];
  });
  const lines = [
    { ...line(text.blockWidth, stairs, palette.series[0], { width: 2.6 }), markArea: { silent: true, data: stages } },
    dots(
      text.blockWidth,
      widths.map((width, j) => ({ name: `${text.block} ${j + 1}: ${width}`, value: [j, width] })),
      palette.series[0],
      { size: 8, opacity: 1, border: palette.surface, z: 4 },
    ),
  ];
  const slope = network.u
    ? [
        line(
          text.line,
          network.u.map((u, j): Point => [j, u]),
          palette.accent,
          { width: 2, dash: "dashed" },
        ),
      ]
    : [];
  const option = frame(
    style,
    {
      name: text.blockIndex,
      min: -0.5,
      max: widths.length - 0.5,
      integer: true,
      splits: Math.min(12, widths.length),
      format: blockTick,
    },
    { name: text.width, min: 0, max: Math.ceil(top / 8) * 8 },
    network.u ? [text.blockWidth, text.line] : [text.blockWidth],
  );
  const description = `${network.name}: ${network.widths.map((w, i) => `${w} × ${network.depths[i]}`).join(", ")}`;
  return { option: { ...option, series: [...lines, ...slope] }, width: 760, height: 380, description };
}

function stairsOf(widths: readonly number[]): Point[] {
  return widths.flatMap((width, j): Point[] => [
    [j - 0.5, width],
    [j + 0.5, width],
  ]);
}

function blockTick(value: number): string {
  return Number.isInteger(value) && value >= 0 ? String(value + 1) : "";
}
