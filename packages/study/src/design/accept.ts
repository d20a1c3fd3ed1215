import type { NetworkOptions, PopulationNetwork } from "@regnet/core";
import { inferenceMemory } from "../analysis/memory.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { type LatencyModel, predictLatency } from "../latency/model.js";
import type { DesignLimits } from "./limits.js";
import type { Range } from "./options.js";

/**
 * The test for what only a graph or a measurement can tell: why a network is not within the limits on memory and
 * predicted latency, or undefined where it is.
 */
export function acceptWithin(
  limits: DesignLimits,
  input: NetworkOptions,
  model: LatencyModel | undefined,
): ((network: PopulationNetwork) => string | undefined) | undefined {
  const { latency, memory } = limits;
  if (!latency && !memory) return undefined;
  return (network) =>
    (latency && model && reason("latency", predictLatency(model, latencyFeatures(network)), latency)) ??
    (memory && reason("memory", inferenceMemory(network.spec, input), memory));
}

function reason(name: string, value: number, { min, max }: Range): string | undefined {
  if (max !== undefined && value > max) return `${name} above`;
  return min !== undefined && value < min ? `${name} below` : undefined;
}
