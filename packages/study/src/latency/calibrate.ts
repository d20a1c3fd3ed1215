import { blockWidths, type ModelSpec, type NetworkOptions, type PopulationNetwork } from "@regnet/core";
import { parametersOf, stagesOf } from "../analysis/fromStudy.js";
import type { MeasureNetwork } from "./measure.js";
import { fitLatency, type LatencyFeatures, type LatencyFit } from "./model.js";
import { measureInTurns, type TurnOptions } from "./takes.js";

export interface CalibrateOptions extends TurnOptions {
  readonly signal?: AbortSignal;
}

/** Measures networks and fits the latency model to them. @throws RegnetError for fewer than five networks */
export async function calibrateLatency(
  measure: MeasureNetwork,
  networks: readonly PopulationNetwork[],
  input: NetworkOptions,
  { signal, ...turns }: CalibrateOptions = {},
): Promise<LatencyFit> {
  const measured = await measureInTurns(
    networks,
    ({ spec }) => {
      signal?.throwIfAborted();
      return measure(spec, input);
    },
    turns,
  );
  return fitLatency(
    measured.map((milliseconds, i) => ({
      name: nameOf(networks[i].spec),
      milliseconds,
      ...latencyFeatures(networks[i]),
    })),
  );
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
