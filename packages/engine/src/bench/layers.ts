import { type Graph, type GraphNode, size } from "@regnet/core";
import type { KernelTiming } from "../engine.js";

/** What one node of a graph takes of a run. */
export interface LayerProfile {
  readonly node: string;
  readonly op: string;
  /** The library's names for its kernels, the one that took longest in all first. */
  readonly kernels: readonly string[];
  readonly milliseconds: number;
  /** Of these, milliseconds that went into changes of layout. */
  readonly reorders: number;
  /** Of the time of all kernels, 0 to 1. */
  readonly share: number;
  /** 10⁹ floating-point operations a second (two a multiply-add); undefined for ops that do next to no arithmetic. */
  readonly gigaflops?: number;
}

/** Sums kernels by node, the slowest node first. */
export function profileLayers(graph: Graph, timings: readonly KernelTiming[]): LayerProfile[] {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const total = totalOf(timings);
  return [...groupBy(timings, ({ node }) => node)]
    .map(([name, own]) => {
      const milliseconds = totalOf(own);
      const node = nodes.get(name);
      return {
        node: name,
        op: node?.op ?? own[0].op,
        kernels: slowestFirst(own),
        milliseconds,
        reorders: totalOf(own.filter(({ op }) => op === "reorder")),
        share: total > 0 ? milliseconds / total : 0,
        gigaflops: node && rate(node, milliseconds),
      };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

function slowestFirst(timings: readonly KernelTiming[]): string[] {
  return [...groupBy(timings, ({ kernel }) => kernel)]
    .sort(([, a], [, b]) => totalOf(b) - totalOf(a))
    .map(([kernel]) => kernel);
}

function totalOf(timings: readonly KernelTiming[]): number {
  return timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

function rate(node: GraphNode, milliseconds: number): number | undefined {
  const count = multiplyAdds(node);
  return count && milliseconds > 0 ? (2 * count) / (milliseconds * 1e6) : undefined;
}

/** Multiply-adds of one run of a convolution, linear layer or one of their gradients; undefined for other ops. */
export function multiplyAdds({ op, inputs, outputs }: GraphNode): number | undefined {
  switch (op) {
    case "conv2d":
    case "linear":
      return size(outputs[0].shape) * size(inputs[1].shape.slice(1));
    case "conv2dBackwardData":
    case "linearBackwardData":
      return size(inputs[0].shape) * size(inputs[1].shape.slice(1));
    case "conv2dBackwardWeights":
    case "linearBackwardWeights":
      return size(inputs[1].shape) * size(outputs[0].shape.slice(1));
    default:
      return undefined;
  }
}

/** The items of each key, in their order. */
export function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
