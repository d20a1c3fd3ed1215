import { attributesOf, type Graph, GraphBuilder, type GraphNode, op } from "@regnet/core";
import type { CompileOptions, Engine } from "../engine.js";
import { groupBy, type LayerProfile, multiplyAdds } from "./layers.js";
import { summarise } from "./statistics.js";
import { timeRuns } from "./timeRuns.js";
import { fillInputs } from "./workload.js";

/** What would make a network faster on this device, with the figures it rests on. */
export interface Advice {
  readonly text: string;
  /** The nodes it is about. */
  readonly nodes: readonly string[];
  /** Their share of the run, 0 to 1. */
  readonly share: number;
}

/** Group widths that fill vector registers whole. */
const FULL_GROUP = 16;
/** Below this share of the run, nodes are not worth a word. */
const LEAST_SHARE = 0.03;
/** Below this share of the run, changes of layout are not worth a word. */
const MOST_REORDERS = 0.1;
const PROBE_SECONDS = 0.15;

/** How the network was run that advice is for; what it rests on is measured the same way. */
export type ProbeOptions = Pick<CompileOptions, "threads" | "precision" | "provider">;

/**
 * Reads a profile: group widths that this device runs slowly (by measuring the same layer with groups of 16), slow
 * reference kernels, and time that goes into changes of layout.
 */
export async function advise(
  engine: Engine,
  graph: Graph,
  layers: readonly LayerProfile[],
  options: ProbeOptions,
): Promise<Advice[]> {
  const found = [referenceKernels(layers), reorders(layers), ...(await groupWidths(engine, graph, layers, options))];
  return found.filter((advice) => advice !== undefined).sort((a, b) => b.share - a.share);
}

function referenceKernels(layers: readonly LayerProfile[]): Advice | undefined {
  const slow = layers.filter(({ kernels }) => kernels.some((name) => /\bref\b/.test(name)));
  const share = slow.reduce((sum, layer) => sum + layer.share, 0);
  if (share < LEAST_SHARE) return undefined;
  const text = `${percent(share)} of the time goes into reference kernels, as the library has no fast form of ${[...new Set(slow.map(({ op: name }) => name))].join(", ")} at these sizes; another window or width may have one`;
  return { text, nodes: slow.map(({ node }) => node), share };
}

function reorders(layers: readonly LayerProfile[]): Advice | undefined {
  const moves = layers.filter((layer) => layer.reorders > 0);
  const total = layers.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = moves.reduce((sum, layer) => sum + layer.reorders, 0) / total;
  if (!(share >= MOST_REORDERS)) return undefined;
  const text = `${percent(share)} of the time goes into changes of layout; widths and group widths that are multiples of ${FULL_GROUP} need fewer`;
  return { text, nodes: moves.map(({ node }) => node), share };
}

async function groupWidths(
  engine: Engine,
  graph: Graph,
  layers: readonly LayerProfile[],
  options: ProbeOptions,
): Promise<Advice[]> {
  const shares = new Map(layers.map(({ node, share }) => [node, share]));
  const narrow = graph.nodes.filter((node) => groupWidthOf(node) % FULL_GROUP !== 0 && groupWidthOf(node) > 1);
  const advice: Advice[] = [];
  for (const [width, nodes] of groupBy(narrow, groupWidthOf)) {
    const share = nodes.reduce((sum, { name }) => sum + (shares.get(name) ?? 0), 0);
    if (share < LEAST_SHARE) continue;
    const busiest = nodes.reduce((a, b) => ((shares.get(a.name) ?? 0) >= (shares.get(b.name) ?? 0) ? a : b));
    const relative = await relativeSpeed(engine, busiest, options);
    if (relative > 0.8) continue;
    const text = `group width ${width} runs at ${percent(relative)} of the speed of ${FULL_GROUP} on this device (${busiest.name}); choose ${FULL_GROUP} or a multiple`;
    advice.push({ text, nodes: nodes.map(({ name }) => name), share });
  }
  return advice;
}

function groupWidthOf(node: GraphNode): number {
  return node.op === op.conv2d.name ? node.inputs[1].shape[1] * Number(attributesOf(node, op.conv2d).groups > 1) : 0;
}

/** Arithmetic a second of a grouped convolution, relative to one of about its channels with the full group width. */
async function relativeSpeed(engine: Engine, node: GraphNode, options: ProbeOptions): Promise<number> {
  const own = groupWidthOf(node);
  const channels = Math.max(1, Math.round(node.inputs[0].shape[1] / FULL_GROUP)) * FULL_GROUP;
  const [narrow, full] = [likeIt(node, node.inputs[0].shape[1], own), likeIt(node, channels, FULL_GROUP)];
  const speed = async (graph: Graph) => (multiplyAdds(graph.nodes[0]) ?? 0) / (await median(engine, graph, options));
  return (await speed(narrow)) / (await speed(full));
}

/** A graph of one convolution with the node's window and size. */
function likeIt(node: GraphNode, channels: number, groupWidth: number): Graph {
  const { stride, padding } = attributesOf(node, op.conv2d);
  const [n, , height, width] = node.inputs[0].shape;
  const builder = new GraphBuilder(n);
  const x = builder.input("x", [n, channels, height, width]);
  const window = node.inputs[1].shape.slice(2);
  const weight = builder.parameter("weight", [channels, groupWidth, ...window], "weight", { kind: "normal", std: 0.1 });
  builder.output("y", builder.one(op.conv2d, [x, weight], { stride, padding, groups: channels / groupWidth }, "probe"));
  return builder.build();
}

async function median(engine: Engine, graph: Graph, options: ProbeOptions): Promise<number> {
  const executable = await engine.compile(graph, options);
  try {
    fillInputs(executable);
    return summarise(await timeRuns(executable, PROBE_SECONDS)).median;
  } finally {
    executable.dispose();
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
