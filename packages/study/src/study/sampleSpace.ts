import { type DrawOptions, findSpace, parseSpace, type SpaceDocument, samplePopulation } from "@regnet/core";
import { type Proposal, replay, type SearchDocument, searchOf } from "../search/index.js";
import { acceptWithin } from "./accept.js";
import type { Population, ResultOf, SampledNetwork, Sampler } from "./sample.js";
import { inputOf, type StudySpec } from "./spec.js";
import { trialName } from "./trialName.js";

/**
 * The sampler of studies: networks of the spec's space within its limits, no two the same; drawn, or chosen by its search
 * from what became of those before. It throws RegnetError for a space that is unknown or wrong, or that does not yield
 * enough networks.
 */
export function spaceSampler(): Sampler {
  return (spec, trials, resultOf) => (spec.search ? search(spec, spec.search, trials, resultOf) : sample(spec, trials));
}

function sample(spec: StudySpec, count: number): Population {
  const { networks, acceptance } = samplePopulation(spaceOf(spec), { ...drawOptions(spec), count, seed: spec.seed });
  return { networks: networks.map(({ spec: model, complexity }) => ({ model, complexity })), acceptance };
}

function search(spec: StudySpec, document: SearchDocument, trials: number, resultOf: ResultOf): Population {
  const { seed, epochs } = spec;
  const { proposals, drawn, accepted } = replay(searchOf(document), spaceOf(spec), {
    ...drawOptions(spec),
    ...{ seed, trials, epochs },
    outcome: (id) => {
      const result = resultOf(id);
      return result && { error: result.state === "done" ? result.error : undefined };
    },
  });
  const origin = (id: number): number => originOf(proposals, id);
  const networks = proposals.map(({ network, epochs: until, continues }, id): SampledNetwork => {
    const { spec: model, complexity } = network;
    return {
      ...{ model, complexity },
      ...(continues !== undefined && { continues: `trials/${trialName(continues)}` }),
      ...(until < epochs && { until }),
      seedOf: origin(id),
    };
  });
  return { networks, acceptance: { drawn, accepted, rejected: { "not taken": drawn - accepted } } };
}

/** The trial in which a network was first trained: those that go on from it have its seed. */
function originOf(proposals: readonly Proposal[], id: number): number {
  const { continues } = proposals[id];
  return continues === undefined ? id : originOf(proposals, continues);
}

function drawOptions(spec: StudySpec): DrawOptions {
  const { flops, params, acts, stages, depth } = spec.limits;
  const input = inputOf(spec);
  return {
    ...input,
    limits: { flops, params, acts, stages, depth },
    accept: acceptWithin(spec.limits, input, spec.latencyModel),
  };
}

/** The design space that a study draws from. @throws RegnetError for one that is unknown or wrong */
export function spaceOf({ space }: Pick<StudySpec, "space">): SpaceDocument {
  return typeof space === "string" ? findSpace(space) : parseSpace(space);
}
