import { bestOfK, complexityWeights, dkwBand, edf } from "@regnet/core";
import type { EdfCurve, EfficiencyCurve } from "./data.js";
import { byPopulation, type FinishedTrial } from "./trial.js";

/** Error distribution of every population, with its 95 % band (Dvoretzky–Kiefer–Wolfowitz). */
export function errorDistributions(trials: readonly FinishedTrial[]): EdfCurve[] {
  return Array.from(byPopulation(trials), ([population, members]) => curveOf(population, errorsOf(members)));
}

/**
 * The same with complexity made equal: every network weighted so that all populations have one distribution of flops.
 * Empty for a single population, and where populations have no flops in common.
 */
export function normalisedDistributions(trials: readonly FinishedTrial[], bins = 10): EdfCurve[] {
  const groups = [...byPopulation(trials)];
  if (groups.length < 2) return [];
  const weights = weightsOrNone(
    groups.map(([, members]) => members.map((trial) => trial.complexity.flops)),
    bins,
  );
  return weights ? groups.map(([population, members], i) => curveOf(population, errorsOf(members), weights[i])) : [];
}

/** Expected error of the best of k networks, for each population; k goes up by powers of two. */
export function searchEfficiency(trials: readonly FinishedTrial[]): EfficiencyCurve[] {
  return Array.from(byPopulation(trials), ([population, members]) => {
    const steps = bestOfK(errorsOf(members));
    return {
      population,
      k: steps.map((step) => step.k),
      expected: steps.map((step) => step.mean),
      lower: steps.map((step) => step.low),
      upper: steps.map((step) => step.high),
    };
  });
}

function weightsOrNone(flops: readonly (readonly number[])[], bins: number): number[][] | undefined {
  for (let count = bins; count >= 1; count = Math.floor(count / 2)) {
    try {
      return complexityWeights(flops, { bins: count });
    } catch {}
  }
  return undefined;
}

/** With weights, the networks that weigh nothing are left out of the count, the least error and the band. */
function curveOf(population: string, errors: readonly number[], weights?: readonly number[]): EdfCurve {
  const kept = errors.flatMap((error, i) =>
    weights && weights[i] === 0 ? [] : [{ error, weight: weights?.[i] ?? 1 }],
  );
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  const distribution = edf(
    kept.map(({ error }) => error),
    weights && kept.map(({ weight }) => weight),
  );
  const squares = kept.reduce((sum, { weight }) => sum + (weight / total) ** 2, 0);
  const { lower, upper } = dkwBand({ ...distribution, count: 1 / squares });
  return {
    population,
    n: kept.length,
    min: distribution.errors[0],
    mean: kept.reduce((sum, { error, weight }) => sum + error * weight, 0) / total,
    errors: distribution.errors,
    share: distribution.shares,
    lower,
    upper,
  };
}

function errorsOf(trials: readonly FinishedTrial[]): number[] {
  return trials.map((trial) => trial.error);
}
