import type { NetworkOptions } from "../families/input.js";
import type { ModelSpec } from "../families/model.js";
import type { Complexity } from "../graph/complexity.js";
import type { PopulationLimits } from "./limits.js";
import { PopulationSampler } from "./populationSampler.js";
import type { SpaceDocument } from "./schema.js";

/** A network that was drawn from a space. */
export interface PopulationNetwork {
  readonly spec: ModelSpec;
  /** Of one image of the size, channels and classes asked for. */
  readonly complexity: Complexity;
}

/** How a population came about. */
export interface PopulationAcceptance {
  /** Networks drawn in all. */
  readonly drawn: number;
  readonly accepted: number;
  /**
   * Draws dropped, by the first reason met: "levels" (two levels of wm fell together), "parameters" (no width fits the
   * groups), "<quantity> below" and "<quantity> above" a limit, "params bound" and "acts bound" of the space,
   * "duplicate", and whatever `accept` answered.
   */
  readonly rejected: Readonly<Record<string, number>>;
}

/** A population: networks of a space within limits, no two the same. */
export interface Population {
  readonly networks: readonly PopulationNetwork[];
  readonly acceptance: PopulationAcceptance;
}

/** For what images networks are drawn, and within what limits. The images are those of {@link NetworkOptions}. */
export interface DrawOptions extends Omit<NetworkOptions, "batch"> {
  readonly limits?: PopulationLimits;
  /** A further limit: the reason to drop a network, or undefined to keep it. Asked last, only for new networks. */
  readonly accept?: (network: PopulationNetwork) => string | undefined;
}

/** What population to draw. */
export interface PopulationOptions extends DrawOptions {
  /** Networks wanted. */
  readonly count: number;
  /** Default 0. The same space, limits, image and seed give the same networks in the same order, however many. */
  readonly seed?: number;
  /** Draws in a row without a new network after which to give up; default 1,000,000. */
  readonly patience?: number;
}

/**
 * Draws networks from a space until `count` different ones satisfy every limit.
 *
 * @throws RegnetError (code "unsatisfiable") that says which limit stands in the way, when the space does not yield
 * enough of them
 */
export function samplePopulation(space: SpaceDocument, options: PopulationOptions): Population {
  const sampler = new PopulationSampler(space, options);
  sampler.advance(Number.POSITIVE_INFINITY);
  return sampler.population();
}
