import { buildModel, complexityOf, type ModelSpec, type NetworkOptions } from "@regnet/core";

/** Bytes of weights and of activations alive at once at inference, one image. Counted from the graph, not measured. */
export function inferenceMemory(spec: ModelSpec, input: NetworkOptions): number {
  const { weightBytes, peakActivationBytes } = complexityOf(buildModel(spec, { ...input, batch: 1 }));
  return weightBytes + peakActivationBytes;
}
