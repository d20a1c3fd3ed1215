import { rmSync } from "node:fs";
import { RegnetError } from "@regnet/core";
import type { DecisionFacts } from "../analysis/decision.js";
import { type Fall, type Observation, type RaceAction, type Standing, standingOf } from "../race/race.js";
import { noiseOf, verdictOf } from "../race/verdict.js";
import { readTrials } from "../study/read.js";
import { openStudy } from "../study/study.js";
import { trialName } from "../study/trialName.js";
import { type DesignContext, threadsOf, workersOf } from "./context.js";
import type { DesignEntrant } from "./entrants.js";
import { type PlannedBudget, START } from "./plan.js";
import type { StepResult } from "./steps.js";
import { type Grounds, train } from "./training.js";

/** An observation with what a report tells of it. */
export interface Seen extends Observation {
  /** Seconds spent in steps so far, in a process that has its share of the machine. */
  readonly trained: number;
  readonly imagesPerSecond: number;
  /** Why there is no error. */
  readonly reason?: string;
}

/** One budget's race: who runs, by what plan, and what its files are called. */
export interface DesignRace extends Grounds {
  /** Before the names of studies and steps: `2-` for the second budget of a family. */
  readonly prefix: string;
  readonly planned: PlannedBudget;
  readonly entrants: readonly DesignEntrant[];
}

/** How a race came out. */
export interface RaceOutcome {
  readonly winner: DesignEntrant;
  /** The run that the winner goes on from, relative to the studies' folder; none where there was no rung. */
  readonly from?: string;
  readonly seen: readonly Seen[];
  readonly falls: readonly Fall[];
}

/** A rung may take this many times as long as it should before what is unfinished counts as failed. */
const SLACK = 2;

/** Runs rung after rung until one entrant is left. */
export async function runRace(context: DesignContext, race: DesignRace): Promise<RaceOutcome> {
  const seen: Seen[] = [];
  for (;;) {
    const { action, falls } = standing(race, seen);
    if (action.kind === "none") throw noneLeft(seen);
    if (action.kind === "finish") {
      const winner = race.entrants[action.entrant];
      const last = seen.findLast(({ entrant }) => entrant === winner.id);
      return {
        winner,
        seen,
        falls,
        ...(last && { from: runOf(race, last.rung, rungIds(race, seen, last.rung), winner.id) }),
      };
    }
    const name = `${race.prefix}rung-${action.rung + 1}`;
    seen.push(...(await context.steps.once("rung", () => runRung(context, race, seen, action), name)));
    forgetFallen(context, race, seen);
  }
}

function standing({ planned, entrants }: DesignRace, observations: readonly Seen[]): Standing {
  return standingOf({ plan: planned.race, entrants, observations });
}

type TrainAction = Extract<RaceAction, { kind: "train" }>;

/** Trains the entrants of a rung, each from where it is. */
async function runRung(
  context: DesignContext,
  race: DesignRace,
  seen: readonly Seen[],
  { rung, entrants: ids, until }: TrainAction,
): Promise<StepResult<readonly Seen[]>> {
  const { planned, entrants, prefix } = race;
  const { unit } = planned.race;
  const processes = workersOf(context.request);
  const threads = threadsOf(context.request);
  const before = rung > 0 ? rungIds(race, seen, rung - 1) : [];
  const own = until - (planned.race.rungs[rung - 1]?.until ?? 0);
  const rows = Math.ceil(ids.length / processes);
  await train(context, race, {
    name: `${prefix}rung-${rung + 1}`,
    step: "rung",
    networks: ids.map((id) => ({
      model: entrants[id].spec,
      complexity: entrants[id].complexity,
      ...(rung === 0 && entrants[id].from !== undefined && { from: entrants[id].from }),
      ...(rung > 0 && { continues: `../${runOf(race, rung - 1, before, id)}` }),
    })),
    threads: 1,
    workers: processes,
    // As if each of them were to win: with one thread that takes as many times as long.
    length: unit === "steps" ? { steps: context.request.steps } : { time: planned.seconds * threads },
    pause: unit === "steps" ? { steps: until } : { seconds: until },
    keep: "state",
    ...(unit === "seconds" && { seconds: SLACK * rows * (own + START) + 5 }),
  });
  const study = openStudy(context.layout.study(`${prefix}rung-${rung + 1}`));
  const results = new Map(readTrials(study).map(({ trial, result }) => [trial.id, result]));
  const { validation: images } = race.images;
  const found = ids.map((entrant, i): Seen => {
    const result = results.get(i);
    if (result?.state === "done") {
      const { error, trained = 0, imagesPerSecond } = result;
      return { rung, entrant, images, error, trained, imagesPerSecond };
    }
    const reason = result ? result.reason : "it did not end in time";
    return { rung, entrant, images, trained: 0, imagesPerSecond: 0, reason };
  });
  return { value: found, decisions: [rungFacts(race, found, until, threads)] };
}

function rungFacts(race: DesignRace, found: readonly Seen[], until: number, threads: number): DecisionFacts {
  const { entrants, planned } = race;
  const [{ rung }] = found;
  const { kept, falls } = verdictOf(found, planned.race.rungs[rung + 1]?.entrants ?? 1);
  const { unit } = planned.race;
  const ranked = found
    .filter((one): one is Seen & { error: number } => one.error !== undefined)
    .sort((a, b) => a.error - b.error || a.entrant - b.entrant);
  return {
    step: "rung",
    rung: rung + 1,
    unit,
    until: unit === "seconds" ? until / threads : until,
    ranked: ranked.map(({ entrant, error }) => ({ name: entrants[entrant].name, error })),
    kept: kept.map((id) => entrants[id].name),
    beaten: falls.flatMap(({ why, entrant }) => (why === "beaten" ? [entrants[entrant].name] : [])),
    failed: found.flatMap(({ entrant, reason }) => (reason ? [{ name: entrants[entrant].name, reason }] : [])),
    noise: ranked.length > 1 ? 1.96 * noiseOf(ranked[0], ranked[1]) : 0,
  };
}

/** The entrants of a rung in the order of its study's trials. */
function rungIds(race: DesignRace, seen: readonly Seen[], rung: number): number[] {
  const { action } = standing(
    race,
    seen.filter((one) => one.rung < rung),
  );
  return action.kind === "train" ? [...action.entrants] : [];
}

/** The run of an entrant in a rung, relative to the folder of studies. */
function runOf({ prefix }: DesignRace, rung: number, ids: readonly number[], id: number): string {
  return `${prefix}rung-${rung + 1}/trials/${trialName(ids.indexOf(id))}`;
}

/** The weights of those that have fallen, and those of earlier rungs, are of no more use. */
function forgetFallen({ layout }: DesignContext, race: DesignRace, seen: readonly Seen[]): void {
  const { action } = standing(race, seen);
  const racing = action.kind === "train" ? action.entrants : action.kind === "finish" ? [action.entrant] : [];
  const last = Math.max(...seen.map(({ rung }) => rung));
  for (let rung = 0; rung <= last; rung++) {
    const ids = rungIds(race, seen, rung);
    const files = openStudy(layout.study(`${race.prefix}rung-${rung + 1}`)).layout;
    for (const [i, id] of ids.entries()) {
      if (rung === last && racing.includes(id)) continue;
      rmSync(files.trial(i).checkpoints, { recursive: true, force: true });
    }
  }
}

function noneLeft(seen: readonly Seen[]): RegnetError {
  const reasons = [...new Set(seen.flatMap(({ reason }) => reason ?? []))].slice(0, 3);
  return new RegnetError(
    `no network of the race could be trained (${reasons.join("; ")}); run the same again with another -o, or give more --time`,
    "unsatisfiable",
  );
}
