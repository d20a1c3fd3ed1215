import { blockWidths, fitQuantisedLinear, randomFor } from "@regnet/core";
import type { LineFit, Trend, WidthProfile } from "./data.js";
import { type PowerLawOptions, powerLaws, type Quantity } from "./powerLaw.js";
import { byPopulation, type FinishedTrial, isRegular, ranked } from "./trial.js";

/** Width lines of the best and of the worst `count` networks of each population. */
export function widthProfiles(
  trials: readonly FinishedTrial[],
  count = 12,
): { population: string; best: WidthProfile[]; worst: WidthProfile[] }[] {
  return Array.from(byPopulation(trials), ([population, members]) => {
    const order = ranked(members);
    const most = Math.min(count, Math.floor(order.length / 2));
    const profile = ({ id, error, stages }: FinishedTrial) => ({
      id,
      error,
      widths: blockWidths(stages.widths, stages.depths),
    });
    return {
      population,
      best: order.slice(0, most).map(profile),
      worst: order.slice(order.length - most).map(profile),
    };
  }).filter(({ best }) => best.length > 0);
}

/**
 * e_fit of free-form networks (§3.3): how far each is from the nearest quantised line of its depth. Networks that come
 * from the rule are left out (theirs is zero but for rounding). At most `limit` networks, evenly chosen from best to worst.
 */
export function lineFits(trials: readonly FinishedTrial[], limit = 1500): LineFit[] {
  const free = ranked(trials.filter((trial) => !isRegular(trial)));
  const stride = Math.max(1, free.length / limit);
  const chosen = Array.from({ length: Math.floor(free.length / stride) }, (_, i) => free[Math.floor(i * stride)]);
  return chosen.map(({ id, population, error, stages }) => {
    const { error: fit, w0, wa, wm } = fitQuantisedLinear(stages);
    return { id, population, error, fit, w0, wa, wm };
  });
}

const QUANTITIES: readonly Quantity[] = [
  { quantity: "depth", of: (trial) => trial.stages.depths.reduce((sum, d) => sum + d, 0) },
  { quantity: "w0", of: (trial) => trial.parameters.w0 },
  { quantity: "wa", of: (trial) => trial.parameters.wa },
  { quantity: "wm", of: (trial) => trial.parameters.wm },
  { quantity: "g", of: (trial) => trial.parameters.g },
  { quantity: "params", of: (trial) => trial.complexity.params },
  { quantity: "acts", of: (trial) => trial.complexity.acts },
];
/** Flops must spread at least by this ratio for a trend to mean anything. */
const LEAST_SPREAD = 1.6;
const BINS = 6;
const BEST_SHARE = 0.1;

/**
 * Power laws y = c·flops^p through the best tenth of the networks of each flops bin. Empty where the networks have
 * nearly the same flops.
 */
export function flopsTrends(trials: readonly FinishedTrial[], seed = 0): Trend[] {
  const [least, most] = extremes(trials.map((trial) => trial.complexity.flops));
  if (trials.length < 10 || most / least < LEAST_SPREAD) return [];
  const options = { share: BEST_SHARE, least: 1, random: randomFor(seed, "trends") };
  return trendsThrough(binned(trials, Math.log(least), Math.log(most)), QUANTITIES, options);
}

/** Share of each budget's networks that the trends of a family go through. */
const FAMILY_SHARE = 0.25;
/** Parameters that grow with the budget; the others hardly change (§4). */
const GROWING = ["w0", "wa", "g"];

/**
 * How w0, wa and the group width grow over the budgets of a family, as in the paper's §4: power laws through the best
 * quarter of each budget.
 *
 * @param trials one population a budget
 */
export function growingTrends(trials: readonly FinishedTrial[], seed = 0): Trend[] {
  const groups = [...byPopulation(trials).values()];
  if (groups.length < 2) return [];
  const quantities = QUANTITIES.filter(({ quantity }) => GROWING.includes(quantity));
  return trendsThrough(groups, quantities, { share: FAMILY_SHARE, least: 2, random: randomFor(seed, "rule") });
}

/** Power laws through the best networks of each group, with every network that they were found among. */
export function trendsThrough(
  groups: readonly (readonly FinishedTrial[])[],
  quantities: readonly Quantity[],
  options: PowerLawOptions,
): Trend[] {
  const { laws, best } = powerLaws(groups, quantities, options);
  const trials = groups.flat();
  return laws.map((law) => {
    const { of } = quantities.find(({ quantity }) => quantity === law.quantity) as Quantity;
    const points = trials.flatMap((trial) => {
      const { id, population, error, complexity } = trial;
      const value = of(trial);
      return value !== undefined && value > 0
        ? [{ id, population, flops: complexity.flops, value, error, best: best.has(trial) }]
        : [];
    });
    return { ...law, points };
  });
}

function binned(trials: readonly FinishedTrial[], low: number, high: number): FinishedTrial[][] {
  const bins = Array.from({ length: BINS }, () => [] as FinishedTrial[]);
  for (const trial of trials) {
    const at = Math.floor(((Math.log(trial.complexity.flops) - low) / (high - low)) * BINS);
    bins[Math.min(BINS - 1, at)].push(trial);
  }
  return bins.filter((bin) => bin.length > 0);
}

function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}
