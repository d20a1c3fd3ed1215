import { unknown } from "../errors.js";
import type { Distribution } from "./distribution.js";

/** A closed range in steps of `quantum`. */
export interface SampledRange {
  readonly min: number;
  readonly max: number;
  /** The values are multiples of it. */
  readonly quantum: number;
}

/** A quantised sampler: what it makes of a range, and what it asks of one. */
export interface SamplerDefinition {
  readonly name: string;
  readonly summary: string;
  /** Why the range will not do, or undefined. */
  refuse(range: SampledRange): string | undefined;
  /** Unnormalised weights of values, ascending. */
  weigh(range: SampledRange): [value: number, weight: number][];
}

/** Most values a sampler may choose from. */
export const VALUE_LIMIT = 100_000;

const uniform: SamplerDefinition = {
  name: "uniform",
  summary: "every multiple of the quantum is as likely",
  refuse: refuseMultiples,
  weigh: (range) => multiples(range).map((value) => [value, 1]),
};

/** The density of log x, over the quantum that ends at each value, as pycls does. */
const logUniform: SamplerDefinition = {
  name: "logUniform",
  summary: "as likely between 8 and 16 as between 128 and 256",
  refuse: (range) => refusePositive(range) ?? refuseMultiples(range),
  weigh: (range) =>
    multiples(range).map((value) => [value, Math.log(value / (value - Math.min(range.quantum, value / 2)))]),
};

const powerOfTwo: SamplerDefinition = {
  name: "powerOfTwo",
  summary: "every power of two is as likely",
  refuse: (range) => refusePositive(range) ?? refusePowers(range, ["min", "max"]),
  weigh: (range) => powers(range).map((value) => [value, 1]),
};

/** Log-uniform as a whole: powers of two below the quantum, its multiples from there on. */
const powerOfTwoOrLog: SamplerDefinition = {
  name: "powerOfTwoOrLog",
  summary: "powers of two below the quantum, log-uniform in its multiples above",
  refuse: (range) => refusePositive(range) ?? refusePowers(range, ["min", "max", "quantum"]),
  weigh(range) {
    const small = powers(range).filter((value) => value < range.quantum);
    const large = powers(range).length - small.length;
    const below: [number, number][] = small.map((value) => [value, 1]);
    if (large === 0) return below;
    const above = logUniform.weigh({ ...range, min: Math.max(range.min, range.quantum) });
    const total = above.reduce((sum, [, weight]) => sum + weight, 0);
    return [...below, ...above.map(([value, weight]): [number, number] => [value, (weight * large) / total])];
  },
};

/** Mean in the middle, a sixth of the range as deviation, cut at the ends. */
const normal: SamplerDefinition = {
  name: "normal",
  summary: "around the middle of the range, which is six deviations wide",
  refuse: refuseMultiples,
  weigh: ({ min, max, quantum }) => bell({ min, max, quantum }, (x) => x),
};

const logNormal: SamplerDefinition = {
  name: "logNormal",
  summary: "around the geometric middle of the range",
  refuse: (range) => refusePositive(range) ?? refuseMultiples(range),
  weigh: (range) => bell(range, Math.log),
};

/** The samplers by name. A space's parameters name them. */
export const samplers: readonly SamplerDefinition[] = [
  uniform,
  logUniform,
  powerOfTwo,
  powerOfTwoOrLog,
  normal,
  logNormal,
];

/** @throws RegnetError for a name that no sampler has */
export function findSampler(name: string): SamplerDefinition {
  const sampler = samplers.find((candidate) => candidate.name === name);
  if (!sampler) {
    throw unknown(
      "sampler",
      name,
      samplers.map((candidate) => candidate.name),
    );
  }
  return sampler;
}

/** Values with their probabilities. */
export function normalise(weighed: readonly (readonly [value: number, weight: number])[]): Distribution {
  const total = weighed.reduce((sum, [, weight]) => sum + weight, 0);
  return { values: weighed.map(([value]) => value), probabilities: weighed.map(([, weight]) => weight / total) };
}

function multiples({ min, max, quantum }: SampledRange): number[] {
  const [first, last] = [Math.round(min / quantum), Math.round(max / quantum)];
  return Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * quantum));
}

function powers({ min, max }: SampledRange): number[] {
  const count = Math.round(Math.log2(max / min)) + 1;
  return Array.from({ length: count }, (_, i) => min * 2 ** i);
}

/** Drops the noise of binary fractions: 3 × 0.1 is 0.3. */
function tidy(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

function bell(range: SampledRange, scale: (x: number) => number): [number, number][] {
  const [low, high] = [scale(range.min), scale(range.max)];
  const [mean, deviation] = [(low + high) / 2, (high - low) / 6 || 1];
  const half = range.quantum / 2;
  const at = (x: number) => normalCdf((scale(Math.min(range.max, Math.max(range.min, x))) - mean) / deviation);
  return multiples(range).map((value) => [value, Math.max(at(value + half) - at(value - half), 1e-300)]);
}

/** Standard normal distribution, to seven digits (Abramowitz and Stegun 26.2.17). */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}

function refuseMultiples(range: SampledRange): string | undefined {
  const { min, max, quantum } = range;
  if ((max - min) / quantum > VALUE_LIMIT) return `at most ${VALUE_LIMIT} values; take a larger quantum`;
  for (const end of [min, max]) {
    const steps = end / quantum;
    if (Math.abs(steps - Math.round(steps)) > 1e-6) return `min and max to be multiples of the quantum ${quantum}`;
  }
  return undefined;
}

function refusePositive({ min }: SampledRange): string | undefined {
  return min > 0 ? undefined : "min above 0";
}

function refusePowers(range: SampledRange, ends: readonly (keyof SampledRange)[]): string | undefined {
  return ends.every((end) => Number.isInteger(Math.log2(range[end])))
    ? undefined
    : `${ends.join(" and ")} to be powers of two`;
}
