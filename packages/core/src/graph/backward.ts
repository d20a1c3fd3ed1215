import { RegnetError } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import type { GraphNode, Value } from "./graph.js";
import { add, opDefinition } from "./ops/index.js";

/** Gradients by value, as they are summed up during the reverse pass. */
export interface Gradients {
  of(value: Value): Value | undefined;
}

/**
 * Reverse-mode differentiation: appends to `builder` the ops that compute the gradients of everything that
 * `sources` depend on through `nodes`, given the gradients of some values as `seeds`. Gradients flow only where a
 * value of `wanted` lies upstream.
 *
 * @throws RegnetError when a gradient must flow through an op that has no gradient rule
 */
export function backward(
  builder: GraphBuilder,
  nodes: readonly GraphNode[],
  seeds: readonly (readonly [Value, Value])[],
  wanted: readonly Value[],
): Gradients {
  const gradients = new Map<number, Value>();
  const live = downstreamOf(nodes, wanted);
  for (const [value, gradient] of seeds) accumulate(value, gradient, "seed");
  for (let i = nodes.length - 1; i >= 0; i--) visit(nodes[i]);
  return { of: (value) => gradients.get(value.id) };

  function visit(node: GraphNode): void {
    const incoming = node.outputs.map((output) => gradients.get(output.id));
    if (incoming.every((gradient) => !gradient) || !node.inputs.some((input) => live.has(input.id))) return;
    const rule = opDefinition(node.op).gradient;
    if (!rule) {
      throw new RegnetError(
        `unsupported gradient: op "${node.op}" (node "${node.name}") has no gradient rule`,
        "unsupported",
      );
    }
    const outgoing = rule(node, incoming, builder);
    node.inputs.forEach((input, k) => {
      const gradient = outgoing[k];
      if (gradient && live.has(input.id)) accumulate(input, gradient, node.name);
    });
  }

  function accumulate(value: Value, gradient: Value, name: string): void {
    const present = gradients.get(value.id);
    gradients.set(value.id, present ? builder.one(add, [present, gradient], {}, `${name}.accumulate`) : gradient);
  }
}

/** Ids of the values that depend on one of `wanted`, these included. */
function downstreamOf(nodes: readonly GraphNode[], wanted: readonly Value[]): Set<number> {
  const live = new Set(wanted.map((value) => value.id));
  for (const node of nodes) {
    if (!node.inputs.some((input) => live.has(input.id))) continue;
    for (const output of node.outputs) live.add(output.id);
  }
  return live;
}
