import type { RacePlan, Rung } from "./race.js";

/** What a race's plan is made from. */
export interface RacePlanInput {
  /** Seconds of the whole machine for all trainings, or steps of the winner's. */
  readonly work: number;
  readonly unit: RacePlan["unit"];
  /** Trainings at once, each with its share of the machine. */
  readonly processes: number;
  /** The same unit, of one training in its process: what a training costs besides its steps. */
  readonly overhead: number;
  /** Least training after which errors say something. */
  readonly least: number;
  /** Entrants that were asked for; default: as many as the work suggests. */
  readonly entrants?: number;
}

/** A plan with its cost. */
export interface PlannedRace extends RacePlan {
  /** Of the work: what those cost that do not win. */
  readonly exploring: number;
}

/** From one rung to the next so many times fewer entrants, each trained so many times as long. */
const ETA = 3;
/** Entrants for a second of exploring; they grow as its root, so that their trainings grow, too. */
const ENTRANTS = 0.85;
const FEWEST = 2;
const MOST = 64;

/**
 * The share of the work that exploring may cost. A longer training gains ever less from more time, while a better
 * structure keeps its lead: with every doubling of the time a twentieth more.
 *
 * @param seconds of the whole machine
 */
export function exploringShare(seconds: number): number {
  return Math.min(0.3, Math.max(0.05, 0.09 + 0.05 * Math.log2(seconds / 170)));
}

/**
 * As many entrants and as long rungs as the share for exploring affords, by successive halving (arXiv 1502.07943) in
 * thirds. Entrants go in full rows of the processes, so that none of these is idle. Where not even two could be compared
 * there is no rung: the first entrant is trained.
 *
 * @param share of the work for exploring; default: what the time suggests
 */
export function planRace(input: RacePlanInput, share = exploringShare(input.work)): PlannedRace {
  const { work, unit, processes, overhead, least, entrants: asked } = input;
  const affordable = share * work * processes;
  const wanted = Math.min(MOST, Math.max(FEWEST, Math.round(ENTRANTS * Math.sqrt(share * work))));
  const none = { unit, rungs: [], exploring: 0 };
  for (let entrants = asked ?? inRows(wanted, processes); entrants >= FEWEST; entrants--) {
    const places = placesOf(entrants, processes);
    const spent = (first: number) => losersCost(places, first, overhead);
    const first = (affordable - spent(0)) / (spent(1) - spent(0));
    // What was asked for is given, however short its rungs.
    if (first < least && asked === undefined) continue;
    const lasts = Math.max(first, least);
    return { unit, rungs: rungsOf(places, lasts, unit), exploring: spent(lasts) / processes };
  }
  return none;
}

/** Whole rows of processes. */
function inRows(entrants: number, processes: number): number {
  return Math.max(1, Math.ceil(entrants / processes)) * processes;
}

/** Entrants of each rung. */
function placesOf(entrants: number, processes: number): number[] {
  const places = [entrants];
  for (;;) {
    const before = places[places.length - 1];
    const next = Math.ceil(before / ETA);
    if (next <= 1) return places;
    const rows = inRows(next, processes);
    places.push(rows < before ? rows : next);
  }
}

/** What those cost that do not win, when the first rung is so long. */
function losersCost(places: readonly number[], first: number, overhead: number): number {
  return places.reduce((sum, entrants, rung) => {
    const own = first * (ETA ** rung - (rung > 0 ? ETA ** (rung - 1) : 0));
    return sum + (entrants - 1) * own + entrants * overhead;
  }, 0);
}

function rungsOf(places: readonly number[], first: number, unit: RacePlan["unit"]): Rung[] {
  return places.map((entrants, rung) => {
    const until = first * ETA ** rung;
    return { entrants, until: unit === "steps" ? Math.max(1, Math.round(until)) : Math.round(100 * until) / 100 };
  });
}
