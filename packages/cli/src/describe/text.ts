import type { Adjustment, ModelDescription, PartComplexity, RuleResult } from "@regnet/core";
import { formatBytes, formatGrouped, formatQuantity } from "../quantities.js";
import { drawWidths } from "./chart.js";
import { type Column, formatTable } from "./table.js";

const ROWS = 11;
const MOST_COLUMNS = 100;

/** A model's description for the terminal: what it is, its stages, its totals, its widths, and what was adjusted. */
export function formatDescription(model: ModelDescription, columns: number): string {
  const stages = stagesOf(model);
  const widths = stages.flatMap(({ width, depth }) => new Array<number>(depth).fill(width));
  const chart = drawWidths(
    { widths, line: model.rule?.line },
    { columns: Math.min(columns, MOST_COLUMNS), rows: ROWS },
  );
  const legend = model.rule ? "width by block: ━ as built, · the line w0 + wa·j" : "width by block";
  const parts = [headline(model), stageTable(model, stages), totals(model), `${legend}\n${chart}`];
  const adjusted = adjustments(model);
  return [...parts, ...(adjusted ? [adjusted] : []), ...facts(model)].join("\n\n");
}

interface Stage {
  readonly width: number;
  readonly depth: number;
  readonly groupWidth?: number;
  readonly bottleneck?: number;
}

function stagesOf({ spec, rule }: ModelDescription): readonly Stage[] {
  if (spec.family === "anynet") return spec.stages;
  if (spec.family === "convnext") return spec.widths.map((width, i) => ({ width, depth: spec.depths[i] }));
  const { widths, depths, groupWidths } = rule as RuleResult;
  return widths.map((width, i) => ({
    width,
    depth: depths[i],
    groupWidth: groupWidths[i],
    bottleneck: spec.bottleneck,
  }));
}

function headline({ name, spec, options }: ModelDescription): string {
  const { family, ...rest } = spec;
  const lists = Object.entries(rest).filter(([, value]) => value !== undefined && typeof value !== "object");
  const parameters = lists.map(([key, value]) => `${words(key)} ${value}`).join(", ");
  const { resolution, channels, classes } = options;
  const [height, width] = typeof resolution === "number" ? [resolution, resolution] : resolution;
  const title = [name ?? FAMILIES[family], parameters].filter((part) => part !== "").join(": ");
  return `${title}\nfor images of ${channels} × ${height} × ${width}, ${classes} classes`;
}

const FAMILIES = { regnet: "RegNet", anynet: "AnyNet", convnext: "ConvNeXt" } as const;

function words(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

interface Row extends Partial<Stage> {
  readonly part: PartComplexity;
}

function stageTable({ parts, params, flops, acts }: ModelDescription, stages: readonly Stage[]): string {
  const rows = parts.map((part): Row => ({ part, ...stages[stageIndex(part.name)] }));
  const total: Row = { part: { name: "total", output: [], params, flops, acts }, depth: sum(stages) };
  const grouped = stages.some(({ groupWidth }) => groupWidth !== undefined);
  const bottlenecked = stages.some(({ bottleneck = 1 }) => bottleneck !== 1);
  const number = (value: number | undefined) => (value === undefined ? "" : String(value));
  const columns: (Column<Row> | false)[] = [
    { title: "part", left: true, cell: ({ part }) => part.name },
    { title: "blocks", cell: ({ depth }) => number(depth) },
    { title: "width", cell: ({ part }) => number(part.output[1]) },
    grouped && { title: "group width", cell: ({ groupWidth }) => number(groupWidth) },
    bottlenecked && { title: "bottleneck", cell: ({ bottleneck }) => number(bottleneck) },
    { title: "output", cell: ({ part }) => part.output.slice(2).join("×") },
    { title: "flops", cell: ({ part }) => formatQuantity(part.flops) },
    { title: "params", cell: ({ part }) => formatQuantity(part.params) },
    { title: "acts", cell: ({ part }) => formatQuantity(part.acts) },
    { title: "of the flops", cell: ({ part }) => `${((100 * part.flops) / flops).toFixed(0)} %` },
  ];
  return formatTable(
    columns.filter((column) => column !== false),
    [...rows, total],
  );
}

function stageIndex(part: string): number {
  const stage = /^s(\d+)$/.exec(part);
  if (stage) return Number(stage[1]) - 1;
  return Number(/^stages\.(\d+)$/.exec(part)?.[1] ?? -1);
}

function sum(stages: readonly Stage[]): number {
  return stages.reduce((blocks, { depth }) => blocks + depth, 0);
}

function totals(model: ModelDescription): string {
  const exact = ({ params, flops, acts }: ModelDescription) =>
    `flops ${formatGrouped(flops)}   params ${formatGrouped(params)}   acts ${formatGrouped(acts)}`;
  const memory = `weights ${formatBytes(model.weightBytes)}, activations at once ${formatBytes(model.peakActivationBytes)}`;
  return `${exact(model)}\n${memory} (float32, one image)`;
}

function adjustments({ rule }: ModelDescription): string | undefined {
  if (!rule || rule.adjustments.length === 0) return undefined;
  return ["adjusted to fit", ...rule.adjustments.map(adjustment)].join("\n");
}

function adjustment({ stage, what, from, to, reason }: Adjustment): string {
  return `  stage ${stage + 1}: ${words(what)} ${from} → ${to}, because ${reason}`;
}

function facts({ published }: ModelDescription): string[] {
  if (!published) return [];
  const { source, top1Error, inferenceMs, trainingHours } = published;
  const list = [
    top1Error !== undefined && `top-1 error ${top1Error} % on ImageNet`,
    inferenceMs !== undefined && `${inferenceMs} ms for 64 images on one V100`,
    trainingHours !== undefined && `${trainingHours} h of training on eight`,
  ].filter((fact) => fact !== false);
  return list.length > 0 ? [`published, for 224² and 1000 classes: ${list.join(", ")}\n  ${source}`] : [];
}
