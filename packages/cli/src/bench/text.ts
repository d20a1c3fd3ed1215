import { type LayerProfile, type Measurement, ratio, type Workload } from "@regnet/engine";
import { type Column, formatTable } from "../describe/table.js";
import { formatBytes } from "../quantities.js";

/** A measured workload, or why it could not be measured. */
export interface BenchResult {
  readonly name: string;
  readonly workload: Workload;
  readonly measurement?: Measurement;
  readonly error?: string;
}

const MOST_LAYERS = 15;
/** Spread above which a timing is not to be trusted. */
const NOISY = 0.1;

/** One workload for the terminal: its times, its memory, and on request its slowest layers and what would help. */
export function formatResult(result: BenchResult): string {
  const { measurement, error } = result;
  if (!measurement) return `${headline(result)}\n  failed: ${error}`;
  const { timing, peakBytes, memory, notes, layers, advice } = measurement;
  const rate = (1000 * result.workload.batch) / timing.mean;
  const peak = peakBytes === undefined ? formatBytes(memory.total) : formatBytes(peakBytes);
  const lines = [
    headline(result),
    `  time   ${time(timing.mean)} ± ${time(timing.deviation)}   ${rate.toPrecision(4)} images/s`,
    `  range  ${time(timing.min)} … ${time(timing.max)}   median ${time(timing.median)}   p99 ${time(timing.p99)}   ${timing.runs} runs`,
    `  memory ${peak}${peakBytes === undefined ? "" : " at the peak"}, of it ${formatBytes(memory.parameters)} parameters`,
    ...warnings(measurement),
    ...notes.map((note) => `  note: ${note}`),
  ];
  if (layers) lines.push("", indent(layerTable(layers)), "", ...opLines(layers));
  for (const { text } of advice ?? []) lines.push(`  advice: ${text}`);
  return lines.join("\n");
}

/** Every model's contestants relative to the fastest, batch by batch. */
export function formatSummary(results: readonly BenchResult[]): string {
  const groups = new Map<string, BenchResult[]>();
  for (const result of results) {
    if (!result.measurement) continue;
    const key = `${result.name}, batch ${result.workload.batch}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups].flatMap(([key, group]) => (group.length > 1 ? [comparison(key, group)] : [])).join("\n");
}

function comparison(key: string, group: readonly BenchResult[]): string {
  const [best, ...rest] = [...group].sort((a, b) => timingOf(a).mean - timingOf(b).mean);
  const lines = rest.map((other) => {
    const { value, deviation } = ratio(timingOf(best), timingOf(other));
    return `    ${value.toFixed(2)} ± ${deviation.toFixed(2)} times faster than ${contestant(other.workload)}`;
  });
  return [`${key}: ${contestant(best.workload)} ran`, ...lines].join("\n");
}

function headline({ name, workload, measurement }: BenchResult): string {
  const { batch, train } = workload;
  const threads = measurement ? `, ${measurement.threads} ${measurement.threads === 1 ? "thread" : "threads"}` : "";
  return `${name}, ${train ? "training step" : "inference"}, batch ${batch}, ${contestant(workload)}${threads}`;
}

function contestant({ engine, precision, provider }: Workload): string {
  return `${engine} ${precision}${provider ? ` on ${provider}` : ""}`;
}

function warnings({ timing }: Measurement): string[] {
  if (timing.deviation / timing.mean <= NOISY) return [];
  const spread = Math.round((100 * timing.deviation) / timing.mean);
  return [`  warning: the runs spread by ${spread} %; close what else runs, or measure longer with --time`];
}

function layerTable(layers: readonly LayerProfile[]): string {
  const columns: Column<LayerProfile>[] = [
    { title: "ms", cell: ({ milliseconds }) => milliseconds.toFixed(3) },
    { title: "share", cell: ({ share }) => `${(100 * share).toFixed(1)} %` },
    { title: "GFLOP/s", cell: ({ gigaflops }) => gigaflops?.toFixed(0) ?? "" },
    { title: "layer", cell: ({ node }) => node, left: true },
    { title: "op", cell: ({ op }) => op, left: true },
    { title: "kernel", cell: ({ kernels }) => kernels.slice(0, 2).join(", "), left: true },
  ];
  return formatTable(columns, layers.slice(0, MOST_LAYERS));
}

/** What each op takes of the whole, and how fast convolutions and linear layers compute in all. */
function opLines(layers: readonly LayerProfile[]): string[] {
  const shares = new Map<string, number>();
  for (const { op, share } of layers) shares.set(op, (shares.get(op) ?? 0) + share);
  const most = [...shares].sort(([, a], [, b]) => b - a).filter(([, share]) => share >= 0.01);
  const computing = layers.filter(({ gigaflops }) => gigaflops !== undefined);
  const milliseconds = computing.reduce((sum, layer) => sum + layer.milliseconds, 0);
  const operations = computing.reduce((sum, layer) => sum + layer.milliseconds * layer.gigaflops!, 0);
  const share = computing.reduce((sum, layer) => sum + layer.share, 0);
  const lines = [`  by op: ${most.map(([op, part]) => `${op} ${percent(part)}`).join(", ")}`];
  if (milliseconds > 0) {
    const rate = (operations / milliseconds).toFixed(0);
    lines.push(`  convolutions and linear layers: ${percent(share)}, ${time(milliseconds)}, at ${rate} GFLOP/s in all`);
  }
  return lines;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function timingOf(result: BenchResult): Measurement["timing"] {
  return (result.measurement as Measurement).timing;
}

function time(milliseconds: number): string {
  return milliseconds >= 100 ? `${milliseconds.toFixed(0)} ms` : `${milliseconds.toPrecision(3)} ms`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
