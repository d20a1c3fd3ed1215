import { below, leastSquares, quantile, type Random } from "@regnet/core";
import { type FinishedTrial, ranked } from "./trial.js";

/** What is looked at of a network. Undefined or not positive: the network is left out. */
export interface Quantity {
  readonly quantity: string;
  of(trial: FinishedTrial): number | undefined;
}

/** How the best networks are chosen, and how often the bootstrap draws. */
export interface PowerLawOptions {
  /** Share of each group's networks that the law goes through, the least errors first. */
  readonly share: number;
  /** Networks of each group at least. */
  readonly least: number;
  readonly random: Random;
}

/** y = coefficient · flops^exponent. */
export interface PowerLaw {
  readonly quantity: string;
  readonly coefficient: number;
  readonly exponent: number;
  /** 95 % interval of the exponent: the networks of each group drawn again with replacement, and the best of them fitted. */
  readonly interval: readonly [number, number];
}

const DRAWS = 400;

/**
 * Power laws through the best networks of each group, a straight line in the logarithm, by least squares. A quantity
 * has none where fewer than three networks have it, or all of them the same flops.
 *
 * @param groups networks of nearly the same flops, one list a group
 */
export function powerLaws(
  groups: readonly (readonly FinishedTrial[])[],
  quantities: readonly Quantity[],
  { share, least, random }: PowerLawOptions,
): { laws: PowerLaw[]; best: ReadonlySet<FinishedTrial> } {
  const orders = groups.map(ranked);
  const best = orders.flatMap((order) => order.slice(0, sizeOf(order, share, least)));
  const resamples = Array.from({ length: DRAWS }, () =>
    orders.flatMap((order) => drawnBest(order, sizeOf(order, share, least), random)),
  );
  const laws = quantities.flatMap((quantity) => {
    const line = lineThrough(best, quantity);
    if (!line) return [];
    const exponents = resamples
      .flatMap((trials) => lineThrough(trials, quantity)?.exponent ?? [])
      .sort((a, b) => a - b);
    const interval: [number, number] =
      exponents.length > 0 ? [quantile(exponents, 0.025), quantile(exponents, 0.975)] : [line.exponent, line.exponent];
    return [{ quantity: quantity.quantity, ...line, interval }];
  });
  return { laws, best: new Set(best) };
}

function sizeOf(order: readonly FinishedTrial[], share: number, least: number): number {
  return Math.min(order.length, Math.max(least, Math.ceil(share * order.length)));
}

/** The best of as many networks as there are, drawn with replacement. */
function drawnBest(order: readonly FinishedTrial[], size: number, random: Random): FinishedTrial[] {
  const times = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) times[below(random, order.length)]++;
  const drawn: FinishedTrial[] = [];
  for (let rank = 0; drawn.length < size; rank++) {
    for (let i = 0; i < times[rank] && drawn.length < size; i++) drawn.push(order[rank]);
  }
  return drawn;
}

function lineThrough(
  trials: readonly FinishedTrial[],
  { of }: Quantity,
): { coefficient: number; exponent: number } | undefined {
  const pairs = trials.flatMap((trial): [number, number][] => {
    const value = of(trial);
    return value !== undefined && value > 0 ? [[Math.log(trial.complexity.flops), Math.log(value)]] : [];
  });
  if (pairs.length < 3 || new Set(pairs.map(([x]) => x)).size < 2) return undefined;
  const { coefficients } = leastSquares(
    pairs.map(([x]) => [1, x]),
    pairs.map(([, y]) => y),
  );
  return { coefficient: Math.exp(coefficients[0]), exponent: coefficients[1] };
}
