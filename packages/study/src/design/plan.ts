import { RegnetError } from "@regnet/core";
import { planRace } from "../race/plan.js";
import type { RacePlan } from "../race/race.js";

/** What a plan is made from. */
export interface PlanInput {
  /** Seconds for all of the design, and those that are left. */
  readonly budget: number;
  readonly left: number;
  /** Steps of the winner, in place of the time. */
  readonly steps?: number;
  /** Training images a second with the whole machine, one a budget. */
  readonly speeds: readonly number[];
  /** Networks trained at once while several race. */
  readonly processes: number;
  /** Training images of the data set. */
  readonly train: number;
  /** Entrants that were asked for. */
  readonly entrants?: number;
  /** Of a race by steps: images a step. */
  readonly batch: number;
}

/** One budget's race. Times in seconds. */
export interface PlannedBudget {
  readonly race: RacePlan;
  /** For its race and its winner. */
  readonly seconds: number;
  /** Of these, what those cost that do not win. */
  readonly exploring: number;
  /** Training images that its winner is expected to see, in epochs. */
  readonly epochs: number;
}

/** How the time is used. */
export interface Plan {
  readonly budgets: readonly PlannedBudget[];
  /** Kept back for exports and the report. */
  readonly reserve: number;
}

const RESERVE = 0.03;
/** Seconds that a process takes before it trains: starting, opening the images, compiling. */
export const START = 1.5;
/** Images after which errors say something at the earliest, and seconds that a rung lasts at least. */
const LEAST_IMAGES = 2000;
const LEAST_SECONDS = 2;
/** A winner that has less time than this has not been trained. */
const LEAST_FINISH = 3;
/** Of the winner's steps, those that exploring may cost where steps are given in place of a time. */
const STEPS_SHARE = 0.2;
/** Images of smaller sides at first make a training so many times as fast, on the average. */
const GROWING = 1.4;

/**
 * Divides the time: a reserve for exports, the rest for the race and its winner; among the budgets of a family so that
 * every winner sees about as many images.
 *
 * @throws RegnetError where the time does not suffice, with the time that would
 */
export function planDesign(input: PlanInput): Plan {
  const { left, speeds, steps } = input;
  const reserve = Math.min(60, Math.max(3 + speeds.length, RESERVE * left));
  const work = left - reserve;
  if (steps === undefined && work < speeds.length * (START + LEAST_FINISH)) throw tooShort(input, reserve);
  const costs = speeds.map((speed) => 1 / speed);
  const all = costs.reduce((sum, cost) => sum + cost, 0);
  return { budgets: costs.map((cost) => plannedBudget(input, (work * cost) / all, 1 / cost)), reserve };
}

function plannedBudget(input: PlanInput, seconds: number, speed: number): PlannedBudget {
  const { steps, processes, train, entrants, batch } = input;
  const least = Math.max(LEAST_SECONDS, (LEAST_IMAGES * processes) / speed);
  const race =
    steps === undefined
      ? planRace({ work: seconds, unit: "seconds", processes, overhead: START, least, entrants })
      : planRace({ work: steps, unit: "steps", processes: 1, overhead: 0, least: 1, entrants }, STEPS_SHARE);
  const images = steps === undefined ? (seconds - race.exploring - START) * speed * GROWING : steps * batch;
  const { unit, rungs, exploring } = race;
  return { race: { unit, rungs }, seconds, exploring, epochs: Math.round((10 * images) / train) / 10 };
}

function tooShort({ budget, left, speeds }: PlanInput, reserve: number): RegnetError {
  const needed = Math.ceil(reserve + speeds.length * (START + LEAST_FINISH));
  const enough = Math.ceil(1.1 * (budget - left + needed));
  const text = `the time does not suffice: ${Math.max(0, Math.floor(left))} s are left, ${needed} s are needed`;
  return new RegnetError(
    `${text}; give --time ${enough}s or more, a smaller budget or a smaller --res`,
    "unsatisfiable",
    "time",
  );
}
