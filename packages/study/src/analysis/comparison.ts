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

/** Every population against each of those before it, the nearest first. Populations of fewer than five are left out. */
export function comparePopulations(trials: readonly FinishedTrial[], seed = 0): Comparison[] {
  const populations = [...byPopulation(trials)].filter(([, members]) => members.length >= FEWEST);
  if (populations.length < 2) return [];
  const samples = populations.map(([name, members]) =>
    sampleOf(name, errorsOf(members), randomFor(seed, `means:${name}`)),
  );
  return samples.flatMap((b, j) =>
    samples
      .slice(0, j)
      .reverse()
      .map((a) => comparison(a, b)),
  );
}

/** Population b against a: the difference of the means with its bootstrap interval, and the two-sample KS test. */
export function compare(
  nameA: string,
  a: readonly number[],
  nameB: string,
  b: readonly number[],
  random: Random,
): Comparison {
  return comparison(sampleOf(nameA, a, random), sampleOf(nameB, b, random));
}

/** A population's errors, and the means of as many resamples of them as the bootstrap draws. */
interface Sample {
  readonly name: string;
  readonly errors: readonly number[];
  readonly means: readonly number[];
}

function sampleOf(name: string, errors: readonly number[], random: Random): Sample {
  return { name, errors, means: Array.from({ length: DRAWS }, () => resampledMean(errors, random)) };
}

function comparison(a: Sample, b: Sample): Comparison {
  const { statistic, pValue } = ksTest(a.errors, b.errors);
  const differences = ascending(b.means.map((meanOfB, draw) => meanOfB - a.means[draw]));
  const interval: [number, number] = [quantile(differences, 0.025), quantile(differences, 0.975)];
  return {
    a: a.name,
    b: b.name,
    statistic,
    p: pValue,
    difference: mean(b.errors) - mean(a.errors),
    interval,
    verdict: verdictOf(interval),
  };
}

/** How the paper's steps are looked for. */
export interface ClaimOptions {
  /** The loss, as a share, up to which two spaces count as alike; default `SAME_MARGIN`. */
  readonly margin?: number;
  /** The design space of a population; default: the one it is named after. */
  readonly spaceOf?: (population: string) => string;
}

/** The paper's steps among the comparisons, and whether each was seen here. */
export function publishedClaims(comparisons: readonly Comparison[], options: ClaimOptions = {}): Claim[] {
  const { margin = SAME_MARGIN, spaceOf = (population) => population } = options;
  const between = (from: string, to: string) => (c: Comparison) => same(spaceOf(c.a), from) && same(spaceOf(c.b), to);
  const both = comparisons.flatMap((c) => [c, reversed(c)]);
  return PUBLISHED.flatMap(({ from, to, says }) => {
    const found = both.find(between(from, to));
    return found ? [{ comparison: found, says, here: outcome(found, says, margin), margin }] : [];
  });
}

/** a against b. */
function reversed({ a, b, difference, interval: [low, high], ...rest }: Comparison): Comparison {
  const interval: [number, number] = [-high, -low];
  return { ...rest, a: b, b: a, difference: -difference, interval, verdict: verdictOf(interval) };
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

function errorsOf(members: readonly FinishedTrial[]): number[] {
  return members.map(({ error }) => error);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
