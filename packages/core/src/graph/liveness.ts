import { type Graph, type GraphNode, size, type Value } from "./graph.js";

/** Ops whose result can take the place of an input that nobody needs any more. */
const IN_PLACE = new Set([
  "add",
  "batchNorm",
  "channelScale",
  "dropPath",
  "gelu",
  "layerNorm",
  "multiply",
  "relu",
  "reshape",
  "sigmoid",
  "silu",
]);

/**
 * The most bytes of float32 activations that are alive at once when the nodes run in order: each value from its
 * node to its last reader, the inputs from the start, the outputs to the end. An op that works element by element
 * takes the place of an input that dies there. Kernels' own scratch memory is not counted.
 *
 * @param elsewhere values that lie in buffers of their own, which are not counted
 */
export function peakActivationBytes(graph: Graph, elsewhere: readonly Value[] = []): number {
  const readers = lastReaders(graph);
  const parameters = new Set(graph.parameters.map(({ value }) => value.id));
  const apart = new Set(elsewhere.map(({ id }) => id));
  const elements = ({ id, shape }: Value) => (apart.has(id) ? 0 : size(shape));
  const live = new Map<number, number>();
  for (const { value } of graph.inputs) live.set(value.id, elements(value));
  let now = sum(live.values());
  let peak = now;
  graph.nodes.forEach((node, index) => {
    const dying = dyingInputs(node, index, readers, parameters);
    for (const output of node.outputs) {
      live.set(output.id, elements(output));
      now += elements(output);
    }
    const reused = reusedElements(node, dying, live);
    peak = Math.max(peak, now - reused);
    for (const id of [...dying, ...unread(node, readers)]) {
      now -= live.get(id) ?? 0;
      live.delete(id);
    }
  });
  return 4 * peak;
}

/** Index of the last node that reads each value; outputs and updates are read at the end. */
function lastReaders(graph: Graph): Map<number, number> {
  const readers = new Map<number, number>();
  graph.nodes.forEach((node, index) => {
    for (const { id } of node.inputs) readers.set(id, index);
  });
  for (const { value } of [...graph.outputs, ...graph.updates]) readers.set(value.id, graph.nodes.length);
  return readers;
}

function dyingInputs(
  node: GraphNode,
  index: number,
  readers: ReadonlyMap<number, number>,
  parameters: ReadonlySet<number>,
): number[] {
  const ids = new Set(node.inputs.map(({ id }) => id));
  return [...ids].filter((id) => !parameters.has(id) && readers.get(id) === index);
}

function reusedElements(node: GraphNode, dying: readonly number[], live: ReadonlyMap<number, number>): number {
  if (!IN_PLACE.has(node.op)) return 0;
  const wanted = live.get(node.outputs[0].id)!;
  return dying.some((id) => live.get(id) === wanted) ? wanted : 0;
}

function unread(node: GraphNode, readers: ReadonlyMap<number, number>): number[] {
  return node.outputs.map(({ id }) => id).filter((id) => !readers.has(id));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
