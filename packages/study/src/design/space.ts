import {
  findSpace,
  type PopulationNetwork,
  parseSpace,
  type RegNetSpace,
  RegnetError,
  type SpaceDocument,
  samplePopulation,
} from "@regnet/core";
import type { DecisionFacts } from "../analysis/decision.js";
import { inputOf } from "../study/spec.js";
import type { DesignContext, DesignImages } from "./context.js";
import { type DesignLimits, limitsOf, limitTexts } from "./limits.js";
import { budgetsOf, type DesignRequest } from "./options.js";
import type { StepResult } from "./steps.js";

/** Where a design looks. */
export interface DesignSpace {
  readonly space: SpaceDocument;
  /** One a budget: a single one unless a family is asked for. */
  readonly limits: readonly DesignLimits[];
}

/** Images up to this side keep their resolution through the stem. */
const SMALL = 64;
const TRIED = 50;
const PATIENCE = 200_000;

/**
 * The space that was asked for, or the constrained RegNetY of §4 (for small images its small form); where that holds no
 * network within the limits, the same with fewer blocks, narrower lines and smaller groups.
 */
export function chooseSpace(
  { request }: Pick<DesignContext, "request">,
  images: DesignImages,
): StepResult<DesignSpace> {
  const budgets = budgetsOf(request);
  const limits = budgets ? budgets.map((budget) => limitsOf(request, budget)) : [limitsOf(request)];
  const candidates = request.space === undefined ? defaultSpaces(images) : [askedSpace(request.space)];
  const passedOver: string[] = [];
  for (const [i, space] of candidates.entries()) {
    try {
      const acceptance = Math.min(...limits.map((one) => acceptanceOf(space, images, one)));
      return { value: { space, limits }, decisions: [facts(space, limits, acceptance, passedOver)] };
    } catch (error) {
      if (!(error instanceof RegnetError) || i === candidates.length - 1) throw error;
      passedOver.push(space.name);
    }
  }
  throw new TypeError("unreachable: no candidate space");
}

function askedSpace(space: NonNullable<DesignRequest["space"]>): SpaceDocument {
  return typeof space === "string" ? findSpace(space) : parseSpace(space);
}

function defaultSpaces({ resolution }: DesignImages): SpaceDocument[] {
  if (resolution <= SMALL) return [smallConstrained(), slimmer(smallConstrained()), findSpace("RegNetY-small")];
  const constrained = findSpace("RegNetY-constrained") as RegNetSpace;
  return [constrained, slimmer(constrained)];
}

/** Group widths of 8 and more, as in §4: smaller ones train several times slower on processors. */
function smallConstrained(): RegNetSpace {
  const small = findSpace("RegNetY-small") as RegNetSpace;
  const groupWidth = { sampler: "powerOfTwoOrLog", min: 8, max: 32, quantum: 8 };
  return { ...small, name: "RegNetY-small-constrained", parameters: { ...small.parameters, groupWidth } };
}

/** For budgets below the published ones. */
function slimmer(space: RegNetSpace): RegNetSpace {
  return {
    ...space,
    name: `${space.name}-slim`,
    stages: { min: 2, max: 4 },
    parameters: {
      ...space.parameters,
      wa: { sampler: "logUniform", min: 1, max: 256, quantum: 0.1 },
      wm: { sampler: "logUniform", min: 1.5, max: 4, quantum: 0.001 },
      depth: { sampler: "uniform", min: 3, max: 30 },
      groupWidth: { sampler: "powerOfTwoOrLog", min: 1, max: 64, quantum: 8 },
    },
  };
}

function acceptanceOf(space: SpaceDocument, images: DesignImages, limits: DesignLimits): number {
  const { acceptance } = samplePopulation(space, {
    ...inputOf(images),
    count: TRIED,
    patience: PATIENCE,
    limits: countedLimits(limits),
  });
  return acceptance.accepted / acceptance.drawn;
}

/** The limits that can be counted; latency and memory are looked at network by network. */
export function countedLimits({ flops, params, acts }: DesignLimits): DesignLimits {
  return { flops, params, acts };
}

function facts(
  space: SpaceDocument,
  limits: readonly DesignLimits[],
  acceptance: number,
  passedOver: readonly string[],
): DecisionFacts {
  const { stem, stemWidth, stages } = outline(space);
  const tried = passedOver.length > 0 ? { passedOver } : {};
  return { step: "space", space: space.name, stem, stemWidth, stages, limits: joined(limits), ...tried, acceptance };
}

function outline(space: SpaceDocument) {
  const stages: [number, number] =
    typeof space.stages === "number" ? [space.stages, space.stages] : [space.stages?.min ?? 1, space.stages?.max ?? 4];
  if (space.family === "convnext") return { stem: space.network?.stem ?? "patchify", stemWidth: 0, stages };
  return { stem: space.network?.stem ?? "simple", stemWidth: space.network?.stemWidth ?? 32, stages };
}

function joined(limits: readonly DesignLimits[]): Record<string, string> {
  const texts = limits.map(limitTexts);
  return Object.fromEntries(Object.keys(texts[0]).map((name) => [name, texts.map((text) => text[name]).join(", ")]));
}

/** Networks of a design's space within its counted limits, for probes. */
export function drawNetworks(
  space: SpaceDocument,
  images: DesignImages,
  limits: DesignLimits,
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly PopulationNetwork[] {
  return samplePopulation(space, { ...inputOf(images), count, seed, limits: countedLimits(limits) }).networks;
}
