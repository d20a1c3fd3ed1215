import { type NetworkOptions, type PopulationOptions, PopulationSampler, type SpaceDocument } from "@regnet/core";
import { calibrateLatency, spreadOverFlops } from "./calibrate.js";
import type { MeasureNetwork } from "./measure.js";
import { FEWEST_SAMPLES, type LatencyFit } from "./model.js";
import type { TurnOptions } from "./takes.js";

export interface SpaceLatencyOptions extends Pick<TurnOptions, "onMeasured"> {
  /** Limits of the networks that are to be predicted; they are measured with room on both sides. */
  readonly limits?: PopulationOptions["limits"];
  readonly seed?: number;
  /** Milliseconds of the limit: measuring stops where networks are far slower. */
  readonly most?: number;
  /** Networks measured; default 12. */
  readonly networks?: number;
  readonly signal?: AbortSignal;
}

const DRAWN = 200;
/** Draws in a row without a new network after which those found will do. */
const PATIENCE = 20_000;
/** Networks this much slower than the limit say nothing of those within. */
const FAR_BEYOND = 3;

/**
 * Measures a dozen networks of a space, and fits what predicts the latency of the others.
 *
 * @throws RegnetError (code "unsatisfiable") where the space holds fewer than five networks within the limits
 */
export async function fitSpaceLatency(
  measure: MeasureNetwork,
  space: SpaceDocument,
  input: NetworkOptions,
  options: SpaceLatencyOptions = {},
): Promise<LatencyFit> {
  const { limits = {}, seed, most = Number.POSITIVE_INFINITY, networks = 12, onMeasured, signal } = options;
  const sampler = new PopulationSampler(space, {
    ...input,
    ...{ seed, count: DRAWN, patience: PATIENCE, limits: widened(limits) },
  });
  sampler.advance(Number.POSITIVE_INFINITY);
  if (sampler.networks.length < FEWEST_SAMPLES) sampler.population();
  const chosen = spreadOverFlops(sampler.networks, networks).sort((a, b) => a.complexity.flops - b.complexity.flops);
  return calibrateLatency(measure, chosen, input, {
    ...{ signal, onMeasured },
    enough: (measured) =>
      measured.length > FEWEST_SAMPLES &&
      measured.filter((milliseconds) => milliseconds > FAR_BEYOND * most).length >= 2,
  });
}

/** With room on both sides of the flops asked for: a fit needs contrast. */
function widened({ flops, stages, depth }: NonNullable<PopulationOptions["limits"]>): PopulationOptions["limits"] {
  if (!flops) return { stages, depth };
  const { min, max } = flops;
  return { stages, depth, flops: { ...(min && { min: 0.4 * min }), ...(max && { max: 1.6 * max }) } };
}
