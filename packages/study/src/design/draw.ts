import { setImmediate } from "node:timers/promises";
import { type PopulationNetwork, PopulationSampler, type SpaceDocument } from "@regnet/core";
import type { LatencyModel } from "../latency/model.js";
import { acceptWithin } from "../study/accept.js";
import { canonical, inputOf } from "../study/spec.js";
import type { DesignContext, DesignImages } from "./context.js";
import type { DesignLimits } from "./limits.js";

/** What networks are drawn for. */
export interface Within {
  readonly images: DesignImages;
  readonly limits: DesignLimits;
  /** Predicts the latency, where that is limited. */
  readonly latency?: LatencyModel;
}

export interface DrawOptions {
  readonly count: number;
  readonly seed: number;
  /** Networks that are not wanted again. */
  readonly known?: ReadonlySet<string>;
}

/** Draws in a row without a new network after which a space counts as exhausted. */
const PATIENCE = 200_000;
/** The same of networks that only latency or memory leave out: to see it takes up to a millisecond for each. */
const PATIENCE_LOOKING = 10_000;
/** Draws between two looks at whether to stop. */
const PART = 256;

/**
 * Draws networks of a space within all limits, a part at a time. It may end with fewer than were asked for.
 *
 * @throws the signal's reason once it is aborted
 */
export async function drawWithin(
  { signal }: Pick<DesignContext, "signal">,
  space: SpaceDocument,
  { images, limits, latency }: Within,
  { count, seed, known }: DrawOptions,
): Promise<PopulationSampler> {
  const { flops, params, acts } = limits;
  const within = acceptWithin(limits, inputOf(images), latency);
  let leftOut = 0;
  const accept = (network: PopulationNetwork) => {
    if (known?.has(canonical(network.spec))) return "duplicate";
    const reason = within?.(network);
    leftOut = reason ? leftOut + 1 : 0;
    return reason;
  };
  const options = { ...inputOf(images), count, seed, limits: { flops, params, acts }, patience: PATIENCE, accept };
  const sampler = new PopulationSampler(space, options);
  while (!sampler.advance(PART) && leftOut < PATIENCE_LOOKING) {
    await setImmediate();
    signal.throwIfAborted();
  }
  return sampler;
}

/**
 * Networks of a space within all limits: as many as were asked for, or as many as it holds.
 *
 * @throws RegnetError (code "unsatisfiable") where it holds none
 */
export async function draw(
  context: Pick<DesignContext, "signal">,
  space: SpaceDocument,
  within: Within,
  options: DrawOptions,
): Promise<readonly PopulationNetwork[]> {
  const sampler = await drawWithin(context, space, within, options);
  return sampler.networks.length > 0 ? sampler.networks : sampler.population().networks;
}
