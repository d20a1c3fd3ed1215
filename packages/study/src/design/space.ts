import { findSpace, parseSpace, type RegNetSpace, RegnetError, type SpaceDocument, smallRule } from "@regnet/core";
import type { DecisionFacts } from "../analysis/decision.js";
import type { LatencyFit } from "../latency/model.js";
import type { DesignContext, DesignImages } from "./context.js";
import { drawWithin, type Within } from "./draw.js";
import { fitLatencyHere } from "./latency.js";
import { type DesignLimits, limitsOf, limitTexts } from "./limits.js";
import { budgetsOf, type DesignRequest } from "./options.js";
import type { StepResult } from "./steps.js";

/** Where a design looks. */
export interface DesignSpace {
  readonly space: SpaceDocument;
  /** One a budget: a single one unless a family is asked for. */
  readonly limits: readonly DesignLimits[];
  /** Of networks measured here, where a latency is asked for: the limits are tested with it. */
  readonly latency?: LatencyFit;
}

/** Images up to this side keep their resolution through the stem. */
const SMALL = 64;
/** Fewest networks within the limits that a space is worth racing for. */
const LEAST_NETWORKS = 6;
/** Networks drawn to see what share of the draws is within the limits. */
const TRIED = 50;

/**
 * The space that was asked for, or the first of the default ones that holds enough networks within the limits. Where a
 * latency is asked for, networks of each space are measured to tell.
 *
 * @throws RegnetError where no space holds enough networks to explore
 */
export async function chooseSpace(context: DesignContext, images: DesignImages): Promise<StepResult<DesignSpace>> {
  const { request } = context;
  const budgets = budgetsOf(request);
  const limits = budgets ? budgets.map((budget) => limitsOf(request, budget)) : [limitsOf(request)];
  const candidates = request.space === undefined ? defaultSpaces(images, flopsOf(limits)) : [askedSpace(request.space)];
  const passedOver: string[] = [];
  for (const [i, space] of candidates.entries()) {
    try {
      return await examine(context, images, { space, limits }, passedOver);
    } catch (error) {
      if (!holdsTooFew(error) || i === candidates.length - 1) throw error;
      passedOver.push(space.name);
    }
  }
  throw new TypeError("unreachable: no candidate space");
}

function flopsOf(limits: readonly DesignLimits[]): number[] {
  return limits.flatMap(({ flops }) => flops?.max ?? []);
}

function holdsTooFew(error: unknown): boolean {
  return error instanceof RegnetError && error.code === "unsatisfiable";
}

const NOT_FITTED: StepResult<LatencyFit | undefined> = { value: undefined };

/** Nothing is measured in a space that the other limits rule out. */
async function examine(
  context: DesignContext,
  images: DesignImages,
  chosen: DesignSpace,
  passedOver: readonly string[],
): Promise<StepResult<DesignSpace>> {
  const { space, limits } = chosen;
  const counted = await leastAcceptance(context, images, chosen);
  const asked = limits.some(({ latency }) => latency !== undefined);
  const { value: latency, decisions = [] } = asked ? await fitLatencyHere(context, images, chosen) : NOT_FITTED;
  const fitted = { space, limits, ...(latency && { latency }) };
  const acceptance = latency ? await leastAcceptance(context, images, fitted) : counted;
  return { value: fitted, decisions: [facts(space, limits, acceptance, passedOver), ...decisions] };
}

function askedSpace(space: NonNullable<DesignRequest["space"]>): SpaceDocument {
  return typeof space === "string" ? findSpace(space) : parseSpace(space);
}

/**
 * The spaces that a design looks into unless it is told otherwise, for images of a side: the first that holds enough networks
 * is taken. Below the published budgets (200M flops at 224² pixels) that of the small rule.
 *
 * @param flops budgets; none where others are given
 */
export function defaultSpaces(
  { resolution }: { readonly resolution: number },
  flops: readonly number[] = [],
): SpaceDocument[] {
  const isSmall = resolution <= SMALL;
  const stride = isSmall ? 1 : 2;
  const reference = (112 / (resolution / stride)) ** 2;
  const shallow = isSmall ? withStem(findSpace("RegNet-shallow") as RegNetSpace) : findSpace("RegNet-shallow");
  const constrained = findSpace("RegNetY-constrained") as RegNetSpace;
  const others = isSmall
    ? [smallConstrained(), slimmer(smallConstrained()), findSpace("RegNetY-small")]
    : [constrained, slimmer(constrained)];
  const published = flops.some((budget) => budget * reference >= smallRule.below);
  return published ? [...others, shallow] : [shallow, ...others];
}

function withStem(space: RegNetSpace): RegNetSpace {
  return { ...space, name: `${space.name}-cifar`, network: { ...space.network, stem: "cifar" } };
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

/** Over the budgets. The limit on latency is left out where none was fitted. */
async function leastAcceptance(
  context: DesignContext,
  images: DesignImages,
  { space, limits, latency }: DesignSpace,
): Promise<number> {
  const shares: number[] = [];
  for (const one of limits)
    shares.push(await acceptanceOf(context, space, { images, limits: one, latency: latency?.model }));
  return Math.min(...shares);
}

async function acceptanceOf(context: DesignContext, space: SpaceDocument, within: Within): Promise<number> {
  const sampler = await drawWithin(context, space, within, { count: TRIED, seed: 0 });
  if (sampler.networks.length < LEAST_NETWORKS) sampler.population();
  return sampler.acceptance.accepted / sampler.acceptance.drawn;
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
  if (space.family === "convnext") return { stem: space.network?.stem ?? "patchify", stages };
  return { stem: space.network?.stem ?? "simple", stemWidth: space.network?.stemWidth ?? 32, stages };
}

function joined(limits: readonly DesignLimits[]): Record<string, string> {
  const texts = limits.map(limitTexts);
  return Object.fromEntries(Object.keys(texts[0]).map((name) => [name, texts.map((text) => text[name]).join(", ")]));
}
