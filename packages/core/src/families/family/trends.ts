import { leastSquares } from "../../stats/leastSquares.js";
import type { RegNetModel } from "../model.js";
import { publishedModels } from "../published/index.js";

/** The quantities that follow the flops in the published networks. */
export const trendQuantities = ["w0", "wa", "groupWidth", "params", "acts"] as const;
export type TrendQuantity = (typeof trendQuantities)[number];

/** How a quantity grows in the published networks: value ≈ factor·flops^exponent. */
export interface Trend {
  readonly factor: number;
  readonly exponent: number;
  /** Standard deviation of log(value) about the line. */
  readonly deviation: number;
  /** Networks it was fitted to. */
  readonly networks: number;
}

/** Trends of the twelve RegNetX or RegNetY of the paper, fitted by least squares in logarithms (as in its figure 12). */
export function publishedTrends(space: "RegNetX" | "RegNetY"): Readonly<Record<TrendQuantity, Trend>> {
  const models = publishedModels.filter(({ name }) => name.startsWith(`${space}-`));
  const points = models.map(({ spec, published }) => {
    const { w0, wa, groupWidth } = spec as RegNetModel;
    const { flops = 0, params = 0, acts = 0 } = published;
    return { w0, wa, groupWidth, flops, params, acts };
  });
  const flops = points.map((point) => Math.log(point.flops));
  const trend = (quantity: TrendQuantity) =>
    fit(
      flops,
      points.map((point) => Math.log(point[quantity])),
    );
  return Object.fromEntries(trendQuantities.map((quantity) => [quantity, trend(quantity)])) as Record<
    TrendQuantity,
    Trend
  >;
}

/** The value that the trend gives at so many flops. */
export function trendAt({ factor, exponent }: Trend, flops: number): number {
  return factor * flops ** exponent;
}

function fit(logFlops: readonly number[], logValues: readonly number[]): Trend {
  const rows = logFlops.map((x) => [1, x]);
  const { coefficients, residual } = leastSquares(rows, logValues);
  const [intercept, exponent] = coefficients;
  return { factor: Math.exp(intercept), exponent, deviation: residual, networks: rows.length };
}
