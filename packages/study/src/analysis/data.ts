import type { EdfBand } from "@regnet/core";

/** An empirical distribution of error, with its 95 % bands. Lists run along the sorted errors. */
export interface EdfCurve {
  readonly population: string;
  readonly n: number;
  readonly min: number;
  readonly mean: number;
  /** Sorted errors. */
  readonly errors: readonly number[];
  /** Share of networks with at most that error. */
  readonly share: readonly number[];
  readonly bands: Readonly<Record<BandKind, EdfBand>>;
}

/**
 * `dkw`: the true distribution lies within as a whole, with 95 % confidence (Dvoretzky, Kiefer and Wolfowitz);
 * `bootstrap`: it does at any one error, by resampling the networks.
 */
export type BandKind = "dkw" | "bootstrap";
export const bandKinds: readonly BandKind[] = ["dkw", "bootstrap"];

/** Where the best networks of a population lie along one parameter: the paper's bootstrap (footnote 4). */
export interface ParameterRange {
  readonly parameter: string;
  /** Bounds of the 95 % interval, and the most likely best value. */
  readonly low: number;
  readonly best: number;
  readonly high: number;
  /** Least and greatest sampled value. */
  readonly sampled: readonly [number, number];
  readonly points: readonly RangePoint[];
}

export interface RangePoint {
  readonly id: number;
  readonly value: number;
  readonly error: number;
}

export type Metric = "flops" | "params" | "acts" | "memory" | "latency";
export const metrics: readonly Metric[] = ["flops", "params", "acts", "latency", "memory"];

/**
 * Error against one cost. Flops, params and acts are counted, memory is counted from the graph (see `inferenceMemory`),
 * latency is measured on the device, or predicted.
 */
export interface ParetoFront {
  readonly metric: Metric;
  /** The networks whose cost is known. */
  readonly points: readonly ParetoPoint[];
  /** Positions in `points` of the networks that no other beats in both, cheapest first. */
  readonly front: readonly number[];
}

export interface ParetoPoint {
  readonly id: number;
  readonly population: string;
  readonly x: number;
  readonly error: number;
  /** Whether a model gave x, not a measurement or a count. */
  readonly predicted: boolean;
}

/** Expected error of the best of k networks drawn from a population. */
export interface EfficiencyCurve {
  readonly population: string;
  readonly k: readonly number[];
  readonly expected: readonly number[];
  /** Nine draws in ten lie between. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** One network's width line. */
export interface WidthProfile {
  readonly id: number;
  readonly error: number;
  readonly widths: readonly number[];
}

/** A quantity of the networks against their flops, and the power law through the best of them: y = c·flops^p. */
export interface Trend {
  readonly quantity: string;
  readonly points: readonly {
    readonly id: number;
    readonly population: string;
    readonly flops: number;
    readonly value: number;
    readonly error: number;
    /** Whether it is one of those that the law goes through. */
    readonly best: boolean;
  }[];
  readonly coefficient: number;
  readonly exponent: number;
  /** 95 % interval of the exponent, by the bootstrap. */
  readonly interval: readonly [number, number];
}

/** How near a free-form network is to a quantised line (e_fit of §3.3). */
export interface LineFit {
  readonly id: number;
  readonly population: string;
  readonly error: number;
  /** Mean absolute log-ratio of the block widths to the best line's. */
  readonly fit: number;
  readonly w0: number;
  readonly wa: number;
  readonly wm: number;
}

export type Verdict = "better" | "worse" | "undecided";

/** Population `b` against `a`. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  /** Greatest distance of the two EDFs, and the probability of one as great were they alike. */
  readonly statistic: number;
  readonly p: number;
  /** Mean error of b less that of a, with its 95 % bootstrap interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Whether b's mean error is lower (`better`) or higher with 95 % confidence. */
  readonly verdict: Verdict;
}
