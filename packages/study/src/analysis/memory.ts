import { buildModel, type ModelSpec, type NetworkOptions, peakActivationBytes, weightBytes } from "@regnet/core";

/** Bytes of weights and of activations alive at once at inference, one image. Counted from the graph, not measured. */
export function inferenceMemory(spec: ModelSpec, input: NetworkOptions): number {
  const graph = buildModel(spec, { ...input, batch: 1 });
  return weightBytes(graph) + peakActivationBytes(graph);
}
