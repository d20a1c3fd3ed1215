import { findSpace, type PopulationNetwork, parseSpace, type SpaceDocument, samplePopulation } from "@regnet/core";
import type { Population, Sampler } from "./sample.js";
import type { StudySpec } from "./spec.js";

/** A limit that only measurements can tell: the reason to drop a network, or undefined to keep it. */
export type Accept = (network: PopulationNetwork) => string | undefined;

/**
 * The sampler of studies: networks of the spec's space within its limits, no two the same.
 *
 * @param accept makes the test for the limits that the space does not know, as latency and memory; must give the same
 * answers every time that a study is sampled
 * @throws RegnetError for a space that is unknown or wrong, or that does not yield enough networks
 */
export function spaceSampler(accept?: (spec: StudySpec) => Accept | undefined): Sampler {
  return (spec, trials) => {
    const { flops, params, acts, stages, depth } = spec.limits;
    const { networks, acceptance } = samplePopulation(spaceOf(spec), {
      count: trials,
      seed: spec.seed,
      resolution: spec.resolution,
      channels: spec.channels,
      classes: spec.classes,
      limits: { flops, params, acts, stages, depth },
      accept: accept?.(spec),
    });
    return {
      networks: networks.map(({ spec: model, complexity }) => ({ model, complexity })),
      acceptance,
    } satisfies Population;
  };
}

/** The design space that a study draws from. @throws RegnetError for one that is unknown or wrong */
export function spaceOf({ space }: Pick<StudySpec, "space">): SpaceDocument {
  return typeof space === "string" ? findSpace(space) : parseSpace(space);
}
