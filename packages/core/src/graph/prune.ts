import type { Graph, Value } from "./graph.js";

/** The graph without the nodes whose results nobody reads, and without parameters that no node, output or update uses. */
export function prune(graph: Graph): Graph {
  const used = new Set<number>();
  const use = (value: Value) => used.add(value.id);
  for (const { value } of graph.outputs) use(value);
  for (const { value } of graph.updates) use(value);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => used.has(output.id))) return false;
    node.inputs.forEach(use);
    return true;
  });
  const updated = new Set(graph.updates.map(({ parameter }) => parameter));
  const parameters = graph.parameters.filter(({ name, value }) => used.has(value.id) || updated.has(name));
  return { ...graph, nodes: nodes.reverse(), parameters };
}
