import type { NetworkOptions, PopulationNetwork } from "@regnet/core";
import { inferenceMemory } from "../analysis/memory.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { type LatencyModel, predictLatency } from "../latency/model.js";

/** A range; an end left out is open. */
interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Why a network is not within limits, or undefined where it is. */
export type Accept = (network: PopulationNetwork) => string | undefined;

/**
 * The test for limits that only a graph or a measurement can tell: on memory (bytes), and on latency (milliseconds) as
 * the model predicts it. Undefined where there are none.
 */
export function acceptWithin(
  { latency, memory }: { readonly latency?: Range; readonly memory?: Range },
  input: NetworkOptions,
  model: LatencyModel | undefined,
): Accept | undefined {
  if (!latency && !memory) return undefined;
  return (network) =>
    (latency && model && reason("latency", predictLatency(model, latencyFeatures(network)), latency)) ??
    (memory && reason("memory", memoryOf(network, input, memory), memory));
}

/** Bytes of the weights alone where they are too many: a graph takes a millisecond to build. */
function memoryOf({ spec, complexity }: PopulationNetwork, input: NetworkOptions, { max }: Range): number {
  const weights = 4 * complexity.params;
  return max !== undefined && weights > max ? weights : inferenceMemory(spec, input);
}

function reason(name: string, value: number, { min, max }: Range): string | undefined {
  if (max !== undefined && value > max) return `${name} above`;
  return min !== undefined && value < min ? `${name} below` : undefined;
}
