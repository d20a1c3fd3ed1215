import { blockWidths, type ModelSpec, type NetworkOptions, type PopulationNetwork } from "@regnet/core";
import { parametersOf, stagesOf } from "../analysis/fromStudy.js";
import type { MeasureNetwork } from "./measure.js";
import { fitLatency, type LatencyFeatures, type LatencyFit, type LatencySample } from "./model.js";

export interface CalibrateOptions {
  /** Told after every network. */
  readonly onMeasured?: (sample: LatencySample, done: number, total: number) => void;
  /** Whether so many samples will do. Default: all networks are measured. */
  readonly enough?: (measured: number) => boolean;
  readonly signal?: AbortSignal;
}

/** Measures networks and fits the latency model to them. @throws RegnetError for fewer than five networks */
export async function calibrateLatency(
  measure: MeasureNetwork,
  networks: readonly PopulationNetwork[],
  input: NetworkOptions,
  { onMeasured, enough, signal }: CalibrateOptions = {},
): Promise<LatencyFit> {
  const samples: LatencySample[] = [];
  for (const network of networks) {
    signal?.throwIfAborted();
    const milliseconds = await measure(network.spec, input);
    const sample = { name: nameOf(network.spec), milliseconds, ...latencyFeatures(network) };
    samples.push(sample);
    onMeasured?.(sample, samples.length, networks.length);
    if (enough?.(samples.length)) break;
  }
  return fitLatency(samples);
}

/** What a network's latency is predicted from. */
export function latencyFeatures({ spec, complexity }: PopulationNetwork): LatencyFeatures {
  const { widths, depths } = stagesOf(spec);
  return { flops: complexity.flops, acts: complexity.acts, depth: blockWidths(widths, depths).length };
}

/** Of a population, networks spread evenly from the fewest flops to the most. */
export function spreadOverFlops<N extends PopulationNetwork>(networks: readonly N[], count: number): N[] {
  const sorted = [...networks].sort((a, b) => a.complexity.flops - b.complexity.flops);
  if (sorted.length <= count) return sorted;
  const [low, high] = [sorted[0], sorted[sorted.length - 1]].map(({ complexity }) => Math.log(complexity.flops));
  const chosen = new Set<N>();
  for (let i = 0; i < count; i++) {
    const target = low + ((high - low) * i) / Math.max(1, count - 1);
    const free = sorted.filter((network) => !chosen.has(network));
    chosen.add(
      free.reduce((a, b) =>
        Math.abs(Math.log(b.complexity.flops) - target) < Math.abs(Math.log(a.complexity.flops) - target) ? b : a,
      ),
    );
  }
  return [...chosen];
}

/** A network by its parameters: `d=13 w0=24 …`. */
export function nameOf(spec: ModelSpec): string {
  return Object.entries(parametersOf(spec))
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
