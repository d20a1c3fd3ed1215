import { type ModelSpec, type PopulationNetwork, randomFor } from "@regnet/core";
import type { Trend } from "../analysis/data.js";
import type { FamilyRule } from "../analysis/decision.js";
import { parametersOf } from "../analysis/fromStudy.js";
import { isLogarithmic, parameterRanges } from "../analysis/ranges.js";
import { trendsThrough } from "../analysis/shapes.js";
import { byPopulation, type FinishedTrial } from "../analysis/trial.js";

/** Share of each budget's networks that the trends go through. */
const BEST_SHARE = 0.25;
/** Parameters that grow with the budget; the others are shared (§4: depth, wm and b hardly change). */
const GROWING = ["w0", "wa", "g"] as const;

/**
 * What the explored populations of several budgets say of good networks, as in the paper's §4: the parameters that all
 * budgets share, by the bootstrap over all networks with each budget's mean error taken off; and those that grow.
 *
 * @param trials one population a budget
 */
export function findRule(trials: readonly FinishedTrial[], seed = 0): FamilyRule {
  const level = [...byPopulation(trials).values()].flatMap(relative);
  const shared = parameterRanges(level, seed)
    .filter(({ parameter }) => !(GROWING as readonly string[]).includes(parameter))
    .map(({ parameter, low, best, high }) => ({ parameter, low, best, high }));
  const trends = growingTrends(trials, seed).map(({ quantity: parameter, coefficient, exponent, interval }) => ({
    ...{ parameter, coefficient, exponent, interval },
  }));
  return { shared, trends, networks: trials.length };
}

/**
 * The parameters that grow with the budget: power laws y = c·flops^p through the best quarter of each budget (a straight
 * line in the logarithm).
 *
 * @param trials one population a budget
 */
export function growingTrends(trials: readonly FinishedTrial[], seed = 0): Trend[] {
  const quantities = GROWING.map((quantity) => ({
    quantity,
    of: (trial: FinishedTrial) => trial.parameters[quantity],
  }));
  const options = { share: BEST_SHARE, least: 2, random: randomFor(seed, "rule") };
  return trendsThrough([...byPopulation(trials).values()], quantities, options);
}

function relative(members: FinishedTrial[]): FinishedTrial[] {
  const mean = members.reduce((sum, { error }) => sum + error, 0) / members.length;
  return members.map((trial) => ({ ...trial, error: trial.error - mean }));
}

/** What the rule says of one parameter at a budget; undefined where it says nothing. */
export function ruleValue({ shared, trends }: FamilyRule, parameter: string, flops: number): number | undefined {
  const trend = trends.find((one) => one.parameter === parameter);
  if (trend) return trend.coefficient * flops ** trend.exponent;
  return shared.find((one) => one.parameter === parameter)?.best;
}

/** Networks within a budget, the one nearest to the rule first. */
export function nearestFirst(
  networks: readonly PopulationNetwork[],
  rule: FamilyRule,
  flops: number,
): PopulationNetwork[] {
  const away = new Map(networks.map((network) => [network, distance(network.spec, rule, flops)]));
  const order = (network: PopulationNetwork) => away.get(network) ?? 0;
  return [...networks].sort((a, b) => order(a) - order(b));
}

/** Root of the summed squares, of log-ratios for widths and groups, of shares for the rest. */
export function distance(spec: ModelSpec, rule: FamilyRule, flops: number): number {
  const squares = Object.entries(parametersOf(spec)).map(([parameter, value]) => {
    const wanted = ruleValue(rule, parameter, flops);
    if (wanted === undefined || !(wanted > 0)) return 0;
    return isLogarithmic(parameter) ? Math.log(value / wanted) ** 2 : (2 * (value / wanted - 1)) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
