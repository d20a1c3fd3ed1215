import { verdictOf } from "./verdict.js";

/** Where an entrant comes from. */
export type Origin =
  /** Drawn from the space. */
  | "drawn"
  /** What the rule picks for the budget. */
  | "rule"
  /** The published network, scaled to the budget. */
  | "published"
  /** A published network with its weights. */
  | "pretrained";

/** A network in a race. */
export interface Entrant {
  /** From 0, in the order in which they entered. */
  readonly id: number;
  readonly origin: Origin;
}

/** One rung: so many entrants at most, each trained until it has had so much in all. */
export interface Rung {
  readonly entrants: number;
  /** Seconds or steps of training, of all rungs up to this one. */
  readonly until: number;
}

/** How a race is run. The last one standing is trained to the end. */
export interface RacePlan {
  readonly unit: "seconds" | "steps";
  readonly rungs: readonly Rung[];
}

/** What came of an entrant's training in a rung: the error where it rests, or that it failed. */
export interface Observation {
  readonly rung: number;
  readonly entrant: number;
  /** Top-1 error, 0…1, on `images` validation images; undefined where the training failed. */
  readonly error?: number;
  readonly images: number;
}

/** All that a decision depends on. */
export interface RaceState {
  readonly plan: RacePlan;
  readonly entrants: readonly Entrant[];
  readonly observations: readonly Observation[];
}

/** Why an entrant left the race. */
export type Fall = {
  readonly entrant: number;
  readonly rung: number;
} & (
  | { readonly why: "failed" }
  /** Its error is above the leader's by more than chance explains: it can no longer win. */
  | { readonly why: "beaten"; readonly behind: number; readonly noise: number }
  /** There is no time to tell it from the better ones. */
  | { readonly why: "rank"; readonly behind: number; readonly noise: number }
);

/** What is to be done next. */
export type RaceAction =
  /** Trains these until each has had so much. */
  | { readonly kind: "train"; readonly rung: number; readonly entrants: readonly number[]; readonly until: number }
  /** Trains the one that is left to the end, with the whole machine. */
  | { readonly kind: "finish"; readonly entrant: number }
  /** No entrant could be trained. */
  | { readonly kind: "none" };

/** Where a race stands: what is next, and who has fallen so far. */
export interface Standing {
  readonly action: RaceAction;
  readonly falls: readonly Fall[];
}

/**
 * The rules of the race: a pure function of what was seen. The observations of a rung count once all of its entrants have
 * one. What stands in them decides alone, so a race that is resumed goes on as if it had not been disturbed.
 */
export function standingOf({ plan, entrants, observations }: RaceState): Standing {
  const falls: Fall[] = [];
  let racing = entrants.map(({ id }) => id);
  for (const [rung, { until }] of plan.rungs.entries()) {
    if (racing.length === 0) return { action: { kind: "none" }, falls };
    // Nobody is left to compare with: what a further rung would cost is better spent on the end.
    if (racing.length === 1 && rung > 0) break;
    const seen = observations.filter((one) => one.rung === rung && racing.includes(one.entrant));
    if (seen.length < racing.length) return { action: { kind: "train", rung, entrants: racing, until }, falls };
    const verdict = verdictOf(seen, plan.rungs[rung + 1]?.entrants ?? 1);
    falls.push(...verdict.falls);
    racing = [...verdict.kept];
  }
  const [entrant] = racing;
  return { action: entrant === undefined ? { kind: "none" } : { kind: "finish", entrant }, falls };
}
