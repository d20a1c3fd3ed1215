import { ascending, below, ksTest, quantile, type Random, randomFor } from "@regnet/core";
import type { Comparison, Verdict } from "./data.js";
import { byPopulation, type FinishedTrial } from "./trial.js";

const DRAWS = 4000;
/** Below this a population says nothing about another. */
const FEWEST = 5;

/** What the paper found when it went from one space to the next (§3.2–3.3, and §4 for squeeze-excitation). */
const PUBLISHED: readonly { readonly from: string; readonly to: string; readonly says: "same" | "better" }[] = [
  { from: "AnyNetXA", to: "AnyNetXB", says: "same" },
  { from: "AnyNetXB", to: "AnyNetXC", says: "same" },
  { from: "AnyNetXC", to: "AnyNetXD", says: "better" },
  { from: "AnyNetXD", to: "AnyNetXE", says: "better" },
  { from: "AnyNetXE", to: "RegNetX", says: "better" },
  { from: "RegNetX", to: "RegNetY", says: "better" },
];

/** One of the paper's steps, and what became of it here. */
export interface Claim {
  readonly comparison: Comparison;
  /** What the paper found of b against a. */
  readonly says: "same" | "better";
  /**
   * `holds`: shown with 95 % confidence (for `same`: any loss is below `margin`); `not`: the contrary is shown;
   * `open`: the interval allows both.
   */
  readonly here: "holds" | "not" | "open";
  /** For `same`: the loss, as a share, up to which two spaces count as alike. */
  readonly margin: number;
}

/** A loss of mean error below this share counts as none when a simpler space is compared: one point. */
export const SAME_MARGIN = 0.01;

/** Each population against the one before it and against the first, in order of appearance. */
export function comparePopulations(trials: readonly FinishedTrial[], seed = 0): Comparison[] {
  const groups = [...byPopulation(trials)].filter(([, members]) => members.length >= FEWEST);
  const pairs = groups.flatMap((_, i) =>
    i === 0
      ? []
      : i === 1
        ? [[0, 1]]
        : [
            [i - 1, i],
            [0, i],
          ],
  );
  return pairs.map(([i, j]) => {
    const [a, b] = [groups[i], groups[j]];
    const errors = ([, members]: [string, FinishedTrial[]]) => members.map((trial) => trial.error);
    return compare(a[0], errors(a), b[0], errors(b), randomFor(seed, `${a[0]}:${b[0]}`));
  });
}

/** Population b against a: the difference of the means with its bootstrap interval, and the two-sample KS test. */
export function compare(
  nameA: string,
  a: readonly number[],
  nameB: string,
  b: readonly number[],
  random: Random,
): Comparison {
  const { statistic, pValue } = ksTest(a, b);
  const draws = Array.from({ length: DRAWS }, () => resampledMean(b, random) - resampledMean(a, random));
  const sorted = ascending(draws);
  const interval: [number, number] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  return {
    a: nameA,
    b: nameB,
    statistic,
    p: pValue,
    difference: mean(b) - mean(a),
    interval,
    verdict: verdictOf(interval),
  };
}

/** The paper's steps among the comparisons, and whether each was seen here. */
export function publishedClaims(comparisons: readonly Comparison[], margin = SAME_MARGIN): Claim[] {
  return PUBLISHED.flatMap(({ from, to, says }) => {
    const comparison = comparisons.find((c) => same(c.a, from) && same(c.b, to));
    return comparison ? [{ comparison, says, here: outcome(comparison, says, margin), margin }] : [];
  });
}

function outcome({ interval: [low, high] }: Comparison, says: Claim["says"], margin: number): Claim["here"] {
  if (says === "better") return high < 0 ? "holds" : low > 0 ? "not" : "open";
  return high < margin ? "holds" : low > margin ? "not" : "open";
}

function verdictOf([low, high]: readonly [number, number]): Verdict {
  return high < 0 ? "better" : low > 0 ? "worse" : "undecided";
}

function same(name: string, published: string): boolean {
  return name.toLowerCase().replace(/[^a-z]/g, "") === published.toLowerCase();
}

function resampledMean(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[below(random, values.length)];
  return sum / values.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
