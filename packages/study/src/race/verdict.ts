import type { Fall, Observation } from "./race.js";

/** Who goes on after a rung, the best first, and who falls. */
export interface Verdict {
  readonly kept: readonly number[];
  readonly falls: readonly Fall[];
}

/**
 * Standard deviation of a network's error between trainings that differ in their seed alone, with averaged weights in the
 * constant part of the schedule; docs/design.md tells where it was measured.
 */
export const TRAINING_NOISE = 0.012;
/**
 * Standard deviation, after the first rung, of what an error tells of the speed of learning and not of the end; each rung leaves
 * so much of it. Simulated races (studies/race-rules) show what it saves.
 */
const EARLINESS = { first: 0.03, left: 0.6 };
/** Standard errors by which a difference is more than noise: one in forty is not. */
const SIGNIFICANT = 1.96;

/** The standard error of the difference of two errors of a rung, each on its validation images, as a forecast of the end. */
export function noiseOf(a: Observation, b: Observation): number {
  const counting = ({ error = 0.5, images }: Observation) => (error * (1 - error)) / Math.max(1, images);
  const early = EARLINESS.first * EARLINESS.left ** a.rung;
  return Math.sqrt(counting(a) + counting(b) + 2 * TRAINING_NOISE ** 2 + 2 * early ** 2);
}

/**
 * The `places` best of a rung go on, but for those that are behind the leader by more than noise. Of equal ones the
 * earlier entrant is the better.
 */
export function verdictOf(observations: readonly Observation[], places: number): Verdict {
  const judged = observations.filter(({ error }) => error !== undefined);
  const ranked = [...judged].sort((a, b) => errorOf(a) - errorOf(b) || a.entrant - b.entrant);
  const [leader] = ranked;
  const failed = observations
    .filter(({ error }) => error === undefined)
    .map(({ entrant, rung }): Fall => ({ entrant, rung, why: "failed" }));
  if (!leader) return { kept: [], falls: failed };
  const kept: number[] = [];
  const falls: Fall[] = [];
  for (const [rank, one] of ranked.entries()) {
    const { entrant, rung } = one;
    const behind = errorOf(one) - errorOf(leader);
    const noise = SIGNIFICANT * noiseOf(leader, one);
    if (behind > noise) falls.push({ entrant, rung, why: "beaten", behind, noise });
    else if (rank >= places) falls.push({ entrant, rung, why: "rank", behind, noise });
    else kept.push(entrant);
  }
  return { kept, falls: [...falls, ...failed] };
}

function errorOf({ error }: Observation): number {
  return error ?? 1;
}
