import { findSpace, parseSpace, type SpaceDocument, samplePopulation } from "@regnet/core";
import { acceptWithin } from "./accept.js";
import type { Population, Sampler } from "./sample.js";
import { inputOf, type StudySpec } from "./spec.js";

/**
 * The sampler of studies: networks of the spec's space within its limits, no two the same. It throws RegnetError for a
 * space that is unknown or wrong, or that does not yield enough networks.
 */
export function spaceSampler(): Sampler {
  return sample;
}

const sample: Sampler = (spec, trials) => {
  const { flops, params, acts, stages, depth } = spec.limits;
  const input = inputOf(spec);
  const { networks, acceptance } = samplePopulation(spaceOf(spec), {
    ...input,
    count: trials,
    seed: spec.seed,
    limits: { flops, params, acts, stages, depth },
    accept: acceptWithin(spec.limits, input, spec.latencyModel),
  });
  return {
    networks: networks.map(({ spec: model, complexity }) => ({ model, complexity })),
    acceptance,
  } satisfies Population;
};

/** The design space that a study draws from. @throws RegnetError for one that is unknown or wrong */
export function spaceOf({ space }: Pick<StudySpec, "space">): SpaceDocument {
  return typeof space === "string" ? findSpace(space) : parseSpace(space);
}
