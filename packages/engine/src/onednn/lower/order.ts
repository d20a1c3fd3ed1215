import { type GraphNode, op } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import { isUpdate } from "../update/deferred.js";
import { isMadeAgain } from "./normalisations.js";

/**
 * A graph's nodes in the order of their steps: as they are, but for gradients of weights that read a batch norm's result which is
 * made again. A kernel of our own makes it on the way to the batch norm's gradient, so that they come after that.
 */
export function loweringOrder(plan: Plan): readonly GraphNode[] {
  const { graph, generator } = plan;
  if (!generator) return graph.nodes;
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const followers = new Map<GraphNode, GraphNode[]>();
  for (const node of graph.nodes) {
    const gradient = node.op === op.conv2dBackwardWeights.name ? normGradientOf(plan, node) : undefined;
    if (!gradient || position.get(gradient)! < position.get(node)!) continue;
    followers.set(gradient, [...(followers.get(gradient) ?? []), node]);
  }
  const moved = new Set([...followers.values()].flat());
  return graph.nodes.flatMap((node) => (moved.has(node) ? [] : [node, ...(followers.get(node) ?? [])]));
}

/** The gradient of the batch norm whose result a gradient of weights reads, if nobody but updates waits for the latter. */
function normGradientOf(plan: Plan, gradient: GraphNode): GraphNode | undefined {
  const { readers } = plan.fusions;
  const [x] = gradient.inputs;
  const maker = readers.maker(x);
  const norm = maker && plan.fusions.head(maker);
  if (norm?.op !== op.batchNormTraining.name || !isMadeAgain(plan, norm)) return undefined;
  if (!gradient.outputs.every((value) => readers.of(value).every(isUpdate))) return undefined;
  return readers.of(norm.outputs[1]).find((reader) => reader.op === op.batchNormBackward.name);
}
