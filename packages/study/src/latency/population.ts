import type { NetworkOptions, PopulationNetwork } from "@regnet/core";
import type { Latency } from "../analysis/trial.js";
import { latencyFeatures, nameOf, spreadOverFlops } from "./calibrate.js";
import { measureFront } from "./front.js";
import type { MeasureNetwork } from "./measure.js";
import { fitLatency, type LatencyFit, predictLatency } from "./model.js";
import { leastOfTakes, measureInTurns } from "./takes.js";

/** A trained network with the images that it is for. */
export interface TrainedForLatency extends PopulationNetwork {
  readonly input: NetworkOptions;
  readonly error: number;
}

export interface PopulationLatencyOptions {
  /** Told after every measurement; every network is measured several times. */
  readonly onMeasured?: (measured: number) => void;
  readonly signal?: AbortSignal;
}

/** How long the networks of a population take. */
export interface PopulationLatency {
  readonly fit: LatencyFit;
  /** In the order of the networks. */
  readonly latencies: readonly Latency[];
}

/** Networks that the model is fitted to. */
const FITTED = 12;

/**
 * The latency of every network of a population: a dozen spread over the flops are measured and the model
 * is fitted to them, which predicts the others; then the networks on the front of error against latency are measured.
 *
 * @throws RegnetError for fewer than five networks
 */
export async function populationLatency(
  measure: MeasureNetwork,
  networks: readonly TrainedForLatency[],
  { onMeasured, signal }: PopulationLatencyOptions = {},
): Promise<PopulationLatency> {
  let count = 0;
  const measureNext = async ({ spec, input }: TrainedForLatency) => {
    signal?.throwIfAborted();
    const milliseconds = await measure(spec, input);
    onMeasured?.(++count);
    return milliseconds;
  };
  const fitted = spreadOverFlops(networks, FITTED);
  const times = await measureInTurns(fitted, measureNext);
  const measured = new Map(fitted.map((network, i) => [network, times[i]]));
  const fit = fitLatency(
    fitted.map((network, i) => ({ name: nameOf(network.spec), milliseconds: times[i], ...latencyFeatures(network) })),
  );
  const contenders = networks.map((network) => {
    const known = measured.get(network);
    const milliseconds = known ?? predictLatency(fit.model, latencyFeatures(network));
    return {
      error: network.error,
      latency: { milliseconds, from: known === undefined ? "predicted" : "measured" } as const,
    };
  });
  const latencies = await measureFront(contenders, (position) => leastOfTakes(() => measureNext(networks[position])));
  return { fit, latencies };
}
