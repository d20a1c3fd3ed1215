import { bestOfK, bootstrapBand, complexityWeights, dkwBand, edf, randomFor } from "@regnet/core";
import type { EdfCurve, EfficiencyCurve } from "./data.js";
import { byPopulation, type FinishedTrial } from "./trial.js";

/** Error distribution of every population, with its 95 % bands. */
export function errorDistributions(trials: readonly FinishedTrial[], seed = 0): EdfCurve[] {
  return Array.from(byPopulation(trials), ([population, members]) => curveOf(population, errorsOf(members), seed));
}

/** Flops are divided into so many bins; into half as many where some population leaves every one of them empty. */
const BINS = [10, 5];

/**
 * The same with complexity made equal: every network weighted so that all populations have one distribution of flops.
 * Empty for a single population, and where populations have no flops in common.
 */
export function normalisedDistributions(trials: readonly FinishedTrial[], seed = 0): EdfCurve[] {
  const groups = [...byPopulation(trials)];
  if (groups.length < 2) return [];
  const weights = weightsOrNone(groups.map(([, members]) => members.map((trial) => trial.complexity.flops)));
  if (!weights) return [];
  return groups.map(([population, members], i) => {
    const kept = [...members.keys()].filter((j) => weights[i][j] > 0);
    return curveOf(
      population,
      kept.map((j) => members[j].error),
      seed,
      kept.map((j) => weights[i][j]),
    );
  });
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

function weightsOrNone(flops: readonly (readonly number[])[]): number[][] | undefined {
  for (const bins of BINS) {
    try {
      return complexityWeights(flops, { bins });
    } catch {}
  }
  return undefined;
}

/** Networks of uneven weight count as fewer in the band of Dvoretzky, Kiefer and Wolfowitz: (Σw)² ÷ Σw² (Kish). */
function curveOf(population: string, errors: readonly number[], seed: number, weights?: readonly number[]): EdfCurve {
  const distribution = edf(errors, weights);
  const shares = weights ?? errors.map(() => 1);
  const total = sum(shares);
  const effective = total ** 2 / sum(shares.map((weight) => weight ** 2));
  return {
    population,
    n: errors.length,
    min: distribution.errors[0],
    mean: sum(errors.map((error, i) => error * shares[i])) / total,
    errors: distribution.errors,
    share: distribution.shares,
    bands: {
      dkw: dkwBand({ ...distribution, count: effective }),
      bootstrap: bootstrapBand(errors, randomFor(seed, `band:${population}`), { weights }),
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function errorsOf(trials: readonly FinishedTrial[]): number[] {
  return trials.map((trial) => trial.error);
}
