import { invalid, RegnetError } from "../../errors.js";
import type { Complexity } from "../../graph/complexity.js";
import type { Stem } from "../anynet.js";
import { countModel } from "../countModel.js";
import { countedInput, type NetworkOptions } from "../input.js";
import type { RegNetModel } from "../model.js";
import { type Plan, plansFor } from "./plan.js";
import { type Reason, reasonsFor } from "./reasons.js";
import { type Found, type Searched, searchPlan } from "./search.js";
import { isSmall, searchSmall, smallReasons, smallRule } from "./small.js";

/** What a family is for. The size, channels and classes of images are those of {@link NetworkOptions}. */
export interface FamilyOptions extends Omit<NetworkOptions, "batch"> {
  /** Without or with squeeze-excitation; default "RegNetX". */
  readonly space?: "RegNetX" | "RegNetY";
  /** Farthest that a network may lie from its budget, as a share of it; default 0.02. */
  readonly tolerance?: number;
  /**
   * Which trends: those of the published networks, or the small rule, of networks trained for minutes on a processor.
   * Default: the small rule below the published budgets (200M flops at 224² pixels), where it has a network.
   */
  readonly rule?: "published" | "small";
  /** Default "simple", for images of at most 64 pixels a side "cifar". */
  readonly stem?: Stem;
}

/** A network of a family, with what spoke for it. */
export interface FamilyMember {
  /** Multiply-adds that were asked for. */
  readonly budget: number;
  readonly spec: RegNetModel;
  readonly complexity: Complexity;
  /** flops ÷ budget − 1. */
  readonly offset: number;
  /** Why each parameter is as it is, in the order in which they were settled. */
  readonly reasons: readonly Reason[];
}

const LARGEST = 1e13;

/**
 * A network for each budget by the published trends, without training: about 20 blocks, no bottleneck, wm near 2.5,
 * widths, group widths and acts as they grow with the flops in the published networks, params and acts within the
 * authors' limits (paper §4). Below the published budgets by the small rule instead.
 *
 * @param budgets multiply-adds of one image
 * @throws RegnetError for a budget (code "unsatisfiable") that no such network meets: too small for the images, or
 * beyond the rule
 */
export function familyFor(budgets: readonly number[], options: FamilyOptions = {}): FamilyMember[] {
  const { tolerance = 0.02 } = options;
  if (budgets.length === 0) throw invalid("budgets", budgets, "at least one");
  if (!(tolerance > 0 && tolerance < 1)) throw invalid("tolerance", tolerance, "a share between 0 and 1");
  return budgets.map((budget) => memberFor(budget, options, tolerance));
}

function memberFor(budget: number, options: FamilyOptions, tolerance: number): FamilyMember {
  if (!(budget > 0 && budget <= LARGEST)) throw invalid("budget", budget, `multiply-adds, at most ${LARGEST}`);
  const plans = plansFor(budget, countedInput(options), options);
  const small = smallMember(plans[0], options, tolerance);
  if (small) return small;
  const { plan, found } = firstFound(plans, tolerance);
  const spec = specOf(plan, found);
  const complexity = countModel(spec, options);
  const reasons = reasonsFor(plan, spec, complexity);
  return { budget, spec, complexity, offset: complexity.flops / budget - 1, reasons };
}

/** By the small rule, where it is for the budget or asked for, and has a network. */
function smallMember(first: Plan, options: FamilyOptions, tolerance: number): FamilyMember | undefined {
  if (options.rule === "published" || (options.rule === undefined && !isSmall(first))) return undefined;
  const plan = { ...first, stages: smallRule.stages, body: { ...first.body, stemWidth: smallRule.stemWidth } };
  const found = searchSmall(plan, tolerance);
  if (!found) return undefined;
  const spec = specOf(plan, found);
  const complexity = countModel(spec, options);
  const { budget } = plan;
  const reasons = smallReasons(plan, found, complexity);
  return { budget, spec, complexity, offset: complexity.flops / budget - 1, reasons };
}

/** The first plan under which the search finds a network. */
function firstFound(plans: readonly Plan[], tolerance: number): { plan: Plan; found: Found } {
  const results: Searched[] = [];
  for (const plan of plans) {
    const searched = searchPlan(plan, tolerance);
    if (searched.found) return { plan, found: searched.found };
    results.push(searched);
  }
  const least = Math.min(...results.map((result) => result.least));
  const most = Math.max(...results.map((result) => result.most));
  throw unreachable(plans[0], least, most);
}

function specOf({ body, se }: Plan, { w0, wa, wm, depth, groupWidth }: Found): RegNetModel {
  const stem = body.stem === "simple" ? {} : { stem: body.stem };
  const stemWidth = body.stemWidth === 32 ? {} : { stemWidth: body.stemWidth };
  return { family: "regnet", w0, wa, wm, depth, groupWidth, ...(se > 0 && { se }), ...stem, ...stemWidth };
}

function unreachable({ budget, input }: Plan, least: number, most: number): RegnetError {
  const size = `${input.height} × ${input.width}`;
  const text = `cannot meet ${budget} flops for images of ${size}: by the trends, networks there take ${least} to ${most}`;
  return new RegnetError(`${text}; ${remedy(budget, least, most)}`, "unsatisfiable", "budget");
}

function remedy(budget: number, least: number, most: number): string {
  if (budget < least) return "take smaller images, or a larger budget";
  return budget > most ? "take larger images, or a smaller budget" : "take a larger tolerance, or another stem";
}
