import { type Graph, type NamedValue, peakActivationBytes, size } from "@regnet/core";
import type { MemoryUse } from "../engine.js";

/**
 * What an executable of a graph will hold, as far as the graph tells: the library does not say. Parameters that runs
 * change have two buffers, in one of which a run leaves the next state; those of an inference graph lie in the session, too.
 */
export function memoryUse(graph: Graph): MemoryUse {
  const updated = new Set(graph.updates.map(({ parameter }) => parameter));
  const twice = graph.parameters.filter(({ name }) => updated.size === 0 || updated.has(name));
  const parameters = bytesOf(graph.parameters) + bytesOf(twice);
  const ports = [...graph.inputs, ...graph.outputs];
  const buffered = [...ports, ...graph.updates].map(({ value }) => value);
  const activations = bytesOf(ports) + peakActivationBytes(graph, buffered);
  return { parameters, activations, scratch: 0, total: parameters + activations };
}

function bytesOf(values: readonly NamedValue[]): number {
  return values.reduce((sum, { value }) => sum + 4 * size(value.shape), 0);
}
