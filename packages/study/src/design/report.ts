import { arch, availableParallelism, cpus, platform } from "node:os";
import type { RegNetParameters } from "@regnet/core";
import { analyse } from "../analysis/analyse.js";
import { finishedTrials, stagesOf } from "../analysis/fromStudy.js";
import { inferenceMemory } from "../analysis/memory.js";
import { growingTrends } from "../analysis/shapes.js";
import type { FinishedTrial } from "../analysis/trial.js";
import type { LatencyFit } from "../latency/model.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { predictLatency } from "../latency/model.js";
import type { RaceLane, RaceReport, ReportDocument, TrainedNetwork } from "../report/document.js";
import { duration } from "../report/format.js";
import { messagesFor } from "../report/messages/index.js";
import { readTrials } from "../study/read.js";
import { inputOf } from "../study/spec.js";
import { openStudy } from "../study/study.js";
import { version } from "../version.js";
import { type DesignContext, type DesignImages, threadsOf } from "./context.js";
import type { ExportedNetwork } from "./exportNetwork.js";
import type { Finished } from "./finish.js";
import { limitTexts } from "./limits.js";
import type { MeasuredTrials } from "./measure.js";
import { budgetsOf } from "./options.js";
import type { DesignRace, RaceOutcome } from "./rungs.js";
import type { DesignSpace } from "./space.js";

/** A race with what came of it. */
export interface FinishedRace extends DesignRace {
  readonly outcome: RaceOutcome;
  /** Latencies, by the entrant's number. */
  readonly measured: MeasuredTrials;
}

/** All that a report of a design is made from. Races and finished networks are in the order of the budgets. */
export interface DesignOutcome {
  readonly images: DesignImages;
  readonly space: DesignSpace;
  readonly latency?: LatencyFit;
  readonly races: readonly FinishedRace[];
  readonly finished: readonly Finished[];
  readonly exported: readonly ExportedNetwork[];
}

export interface DesignReportOptions {
  /** The command that makes the same again. */
  readonly command?: string;
  readonly made?: Date;
}

/** The report of a design as data. */
export function designReport(
  context: DesignContext,
  outcome: DesignOutcome,
  { command, made = new Date() }: DesignReportOptions,
): ReportDocument {
  const { races, finished, images } = outcome;
  const winners = finished.map((one) => winnerOf(context, one, outcome));
  const budgets = budgetsOf(context.request);
  const trials = races.flatMap((race, i) => trialsOf(context, race, offsets(races)[i], outcome, budgets?.[i]));
  const drawn = trials.filter(({ population }) => population !== KNOWN);
  const { seed } = context.request;
  return {
    kind: "design",
    language: context.language,
    title: titleOf(context, outcome),
    made: made.toISOString(),
    validation: images.validation,
    ...(images.test > 0 && { test: images.test }),
    ...(budgets ? {} : { winner: winners[0] }),
    races: races.map((race, i) => raceReport(context, race, finished[i], budgets?.[i])),
    files: outcome.exported.flatMap(({ files }) => files),
    decisions: context.steps.decisions,
    analysis: analyse(drawn, seed),
    latency: outcome.latency,
    ...(budgets && {
      family: budgets.map((budget, i) => ({ budget, network: winners[i] })),
      familyTrends: growingTrends(drawn, seed),
    }),
    trials,
    failed: races.flatMap(({ outcome: { seen } }) => seen.filter(({ reason }) => reason !== undefined)).length,
    reproduction: { ...(command && { command }), ...reproduction(context, outcome) },
  };
}

/** Population of the entrants that were not drawn. */
const KNOWN = "–";

/** What the first trial of each race is numbered. */
function offsets(races: readonly FinishedRace[]): number[] {
  return races.map((_, i) => races.slice(0, i).reduce((sum, { entrants }) => sum + entrants.length, 0));
}

/** The entrants as the first rung left them: a population under one regime. */
function trialsOf(
  { layout }: DesignContext,
  race: FinishedRace,
  firstId: number,
  { images, latency, space }: DesignOutcome,
  budget: number | undefined,
): FinishedTrial[] {
  if (race.planned.race.rungs.length === 0) return [];
  const study = openStudy(layout.study(`${race.prefix}rung-1`));
  const measured = new Map(race.measured);
  const population = budget === undefined ? space.space.name : `${Number((budget / 1e6).toPrecision(3))}MF`;
  const found = finishedTrials(study, readTrials(study), {
    population,
    firstId,
    memory: ({ trial }) => inferenceMemory(trial.model, inputOf(images)),
    latency: ({ trial: { id, model: spec, complexity } }) => {
      const milliseconds = measured.get(id);
      if (milliseconds !== undefined) return { milliseconds, from: "measured" };
      if (!latency) return undefined;
      return { milliseconds: predictLatency(latency.model, latencyFeatures({ spec, complexity })), from: "predicted" };
    },
  });
  return found.map((trial) =>
    race.entrants[trial.id - firstId].origin === "drawn" ? trial : { ...trial, population: KNOWN },
  );
}

function winnerOf(
  _: DesignContext,
  { entrant, accuracy, test, epochs, seconds, latency }: Finished,
  { exported, images, races }: DesignOutcome,
): TrainedNetwork {
  const { name, spec, complexity, origin, id } = entrant;
  const race = races.findIndex(
    ({ entrants }) => entrants.includes(entrant) || entrants.some((one) => one.name === name),
  );
  return {
    ...{ name, origin, accuracy, epochs, seconds, latency },
    ...(test !== undefined && { test }),
    trial: offsets(races)[Math.max(0, race)] + id,
    parameters: spec.family === "regnet" ? (spec satisfies RegNetParameters) : undefined,
    stages: stagesOf(spec),
    complexity: { ...complexity, memory: inferenceMemory(spec, inputOf(images)) },
    int8: exported.find((one) => one.name === name)?.int8,
  };
}

/** Every entrant's error against the seconds that the whole machine would have needed for its training. */
function raceReport(
  { request }: DesignContext,
  { entrants, planned, outcome: { seen, falls, winner } }: FinishedRace,
  finished: Finished,
  budget: number | undefined,
): RaceReport {
  const threads = threadsOf(request);
  const own = (id: number) => seen.filter(({ entrant }) => entrant === id);
  const lanes = entrants.map(({ id, name, origin, spec, complexity }): RaceLane => {
    const points = own(id).flatMap(({ trained, error }) =>
      error === undefined ? [] : [[trained / threads, error] as const],
    );
    const fall = falls.find(({ entrant }) => entrant === id);
    const begun = points.at(-1)?.[0] ?? 0;
    const end = id === winner.id ? finished.curve.map(([seconds, error]) => [begun + seconds, error] as const) : [];
    return {
      ...{ name, origin, stages: stagesOf(spec), complexity, points: [...points, ...end], won: id === winner.id },
      ...(fall && { fell: { rung: fall.rung + 1, why: fall.why } }),
    };
  });
  const { unit, rungs } = planned.race;
  const marks = unit === "seconds" ? rungs.map(({ until }) => until / threads) : [];
  return {
    lanes,
    rungs: marks.slice(0, new Set(seen.map(({ rung }) => rung)).size),
    ...(budget !== undefined && { budget }),
  };
}

function titleOf({ request, language }: DesignContext, { images }: DesignOutcome): string {
  const { title, familyTitle } = messagesFor(language).design;
  const budgets = budgetsOf(request)?.length;
  return budgets ? familyTitle(budgets, images.name) : title(images.name);
}

function reproduction({ request, clock, language }: DesignContext, { images, space, races }: DesignOutcome) {
  const { design: words, duration: durations } = messagesFor(language);
  const { recipe, seed, engine = "auto" } = request;
  const precisions = [...new Set(races.map(({ precision }) => precision))].join(", ");
  return {
    seed: String(seed),
    versions: `regnet ${version}, Node ${process.versions.node}`,
    machine: `${cpus()[0]?.model ?? arch()}, ${words.processors(availableParallelism())}, ${platform()}`,
    engine: `${engine}, ${precisions}`,
    data: `${images.name}: ${[images.train, images.validation, images.test].filter((n) => n > 0).join(" + ")}, ${images.channels} × ${images.resolution}²`,
    took:
      request.steps === undefined
        ? `${duration(clock.spent, durations)} / ${duration(clock.budget, durations)}`
        : duration(clock.spent, durations),
    recipe: typeof recipe === "string" ? recipe : JSON.stringify(recipe),
    space: JSON.stringify(space.space),
    limits: space.limits
      .map((limits) =>
        Object.entries(limitTexts(limits))
          .map(([k, v]) => `${k} ${v}`)
          .join(", "),
      )
      .join(" | "),
  };
}
