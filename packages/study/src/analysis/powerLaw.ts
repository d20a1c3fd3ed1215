import { ascending, below, quantile, type Random } from "@regnet/core";
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
/** Squares of logarithms that add up to less are rounding. */
const NOTHING = 1e-9;

/** The place of a network in its group, the best first. */
interface Drawn {
  readonly order: readonly FinishedTrial[];
  readonly places: readonly number[];
}

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
  const sizes = orders.map(({ length }) => Math.min(length, Math.max(least, Math.ceil(share * length))));
  const best = orders.map((order, i): Drawn => ({ order, places: [...order.keys()].slice(0, sizes[i]) }));
  const resamples = Array.from({ length: DRAWS }, () =>
    orders.map((order, i): Drawn => ({ order, places: drawnBest(order.length, sizes[i], random) })),
  );
  const laws = quantities.flatMap((quantity) => {
    const points = pointsOf(orders, quantity);
    const line = lineThrough(best, points);
    if (!line) return [];
    const exponents = resamples.flatMap((drawn) => lineThrough(drawn, points)?.slope ?? []);
    const sorted = ascending(exponents.length > 0 ? exponents : [line.slope]);
    const interval: [number, number] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
    const law = { coefficient: Math.exp(line.intercept), exponent: line.slope, interval };
    return [{ quantity: quantity.quantity, ...law }];
  });
  return { laws, best: new Set(best.flatMap(({ order, places }) => places.map((place) => order[place]))) };
}

/** Places of the best of as many networks as there are, drawn with replacement. */
function drawnBest(count: number, size: number, random: Random): number[] {
  const times = new Uint32Array(count);
  for (let i = 0; i < count; i++) times[below(random, count)]++;
  const drawn: number[] = [];
  for (let place = 0; drawn.length < size; place++) {
    for (let i = 0; i < times[place] && drawn.length < size; i++) drawn.push(place);
  }
  return drawn;
}

/** The networks of one order, where they stand in the logarithm; not a number for those without the quantity. */
interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

function pointsOf(
  orders: readonly (readonly FinishedTrial[])[],
  { of }: Quantity,
): ReadonlyMap<readonly FinishedTrial[], Points> {
  const logValue = (trial: FinishedTrial): number => {
    const value = of(trial);
    return value !== undefined && value > 0 ? Math.log(value) : Number.NaN;
  };
  const standing = (order: readonly FinishedTrial[]): Points => ({
    x: Float64Array.from(order, ({ complexity }) => Math.log(complexity.flops)),
    y: Float64Array.from(order, logValue),
  });
  return new Map(orders.map((order) => [order, standing(order)]));
}

/** The line of least squares; undefined through fewer than three points, or points above one another. */
function lineThrough(
  drawn: readonly Drawn[],
  points: ReturnType<typeof pointsOf>,
): { slope: number; intercept: number } | undefined {
  let [count, meanX, meanY] = [0, 0, 0];
  const each = (visit: (x: number, y: number) => void) => {
    for (const { order, places } of drawn) {
      const { x, y } = points.get(order)!;
      for (const place of places) if (!Number.isNaN(y[place])) visit(x[place], y[place]);
    }
  };
  each((x, y) => {
    count++;
    meanX += x;
    meanY += y;
  });
  if (count < 3) return undefined;
  [meanX, meanY] = [meanX / count, meanY / count];
  let [xx, xy] = [0, 0];
  each((x, y) => {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  });
  return xx > NOTHING ? { slope: xy / xx, intercept: meanY - (xy / xx) * meanX } : undefined;
}
