import { blockWidths, fitQuantisedLinear, leastSquares } from "@regnet/core";
import type { LineFit, Trend, WidthProfile } from "./data.js";
import { byPopulation, type FinishedTrial, ranked } from "./trial.js";

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
  const free = ranked(trials.filter((trial) => !("wm" in trial.parameters)));
  const stride = Math.max(1, free.length / limit);
  const chosen = Array.from({ length: Math.floor(free.length / stride) }, (_, i) => free[Math.floor(i * stride)]);
  return chosen.map(({ id, population, error, stages }) => {
    const { error: fit, w0, wa, wm } = fitQuantisedLinear(stages);
    return { id, population, error, fit, w0, wa, wm };
  });
}

const QUANTITIES: readonly { readonly quantity: string; of(trial: FinishedTrial): number | undefined }[] = [
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

/**
 * Power laws y = c·flops^p through the best tenth of the networks of each flops bin. Empty where the networks have
 * nearly the same flops.
 */
export function flopsTrends(trials: readonly FinishedTrial[]): Trend[] {
  const flops = trials.map((trial) => trial.complexity.flops);
  const [least, most] = extremes(flops);
  if (trials.length < 10 || most / least < LEAST_SPREAD) return [];
  const good = bestByFlops(trials, Math.log(least), Math.log(most));
  return QUANTITIES.flatMap(({ quantity, of }) => {
    const pairs = good.flatMap((trial) => logPair(trial.complexity.flops, of(trial)));
    if (pairs.length < 3) return [];
    const { coefficients } = leastSquares(
      pairs.map(([x]) => [1, x]),
      pairs.map(([, y]) => y),
    );
    const points = trials.flatMap((trial) => {
      const value = of(trial);
      return value !== undefined && value > 0
        ? [{ id: trial.id, flops: trial.complexity.flops, value, error: trial.error }]
        : [];
    });
    return [{ quantity, points, coefficient: Math.exp(coefficients[0]), exponent: coefficients[1] }];
  });
}

function bestByFlops(trials: readonly FinishedTrial[], low: number, high: number): FinishedTrial[] {
  const bins = Array.from({ length: BINS }, () => [] as FinishedTrial[]);
  for (const trial of trials) {
    const at = Math.floor(((Math.log(trial.complexity.flops) - low) / (high - low)) * BINS);
    bins[Math.min(BINS - 1, at)].push(trial);
  }
  return bins.flatMap((bin) => ranked(bin).slice(0, Math.ceil(bin.length / 10)));
}

function logPair(flops: number, value: number | undefined): [number, number][] {
  return value !== undefined && value > 0 ? [[Math.log(flops), Math.log(value)]] : [];
}

function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}
