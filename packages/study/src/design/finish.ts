import { relative } from "node:path";
import { RegnetError } from "@regnet/core";
import { readMetrics } from "../study/metrics.js";
import { readResult } from "../study/read.js";
import { readJson } from "../study/storage.js";
import { type DesignContext, threadsOf } from "./context.js";
import type { DesignEntrant } from "./entrants.js";
import { latencyHere } from "./measure.js";
import { START } from "./plan.js";
import type { DesignRace, RaceOutcome } from "./rungs.js";
import type { StepResult } from "./steps.js";
import { train } from "./training.js";

/** The network that won, trained to the end. */
export interface Finished {
  readonly entrant: DesignEntrant;
  /** Its run, relative to the design's folder. */
  readonly run: string;
  /** Top-1 accuracy on the validation images, of the evaluation whose weights are kept. */
  readonly accuracy: number;
  /** Top-1 accuracy on the images held out; undefined where there are none. */
  readonly test?: number;
  /** Training images seen since the beginning, in epochs. */
  readonly epochs: number;
  /** Seconds of this last training, with the whole machine. */
  readonly seconds: number;
  /** Validation error against seconds of this last training. */
  readonly curve: readonly (readonly [seconds: number, error: number])[];
  /** Milliseconds an image on this device. */
  readonly latency: number;
}

/** It gets this much of the time at least, whatever was used before. */
const LEAST_SECONDS = 2;

/** Trains the winner on, from where the race left it, with the whole machine. `seconds`: what it may take. */
export async function finishTraining(
  context: DesignContext,
  race: DesignRace,
  { winner, from }: RaceOutcome,
  seconds: number,
): Promise<StepResult<Finished>> {
  const { request, layout } = context;
  const name = `${race.prefix}finish`;
  const { spec: model, complexity, from: weights } = winner;
  const study = await train(context, race, {
    name,
    step: "finish",
    networks: [{ model, complexity, ...(from === undefined ? { from: weights } : { continues: `../${from}` }) }],
    threads: threadsOf(request),
    workers: 1,
    length: request.steps === undefined ? { time: keptSeconds(context, name, seconds) } : { steps: request.steps },
    keep: "best",
  });
  const result = readResult(study, 0);
  if (result?.state !== "done") {
    const why = result ? result.reason : "it did not come to its end";
    throw new RegnetError(
      `${winner.name} won the race, but could not be trained to the end: ${why}; see ${study.folder}`,
    );
  }
  const files = study.layout.trial(0);
  const test = readJson(`${files.folder}/test.json`) as { top1?: number } | undefined;
  const batch = study.spec.batch;
  const epochs = ((result.steps ?? 0) * batch) / race.images.train;
  const finished: Finished = {
    entrant: winner,
    run: relative(layout.folder, files.folder),
    accuracy: 1 - result.error,
    ...(typeof test?.top1 === "number" && { test: test.top1 }),
    epochs: Math.round(10 * epochs) / 10,
    seconds: result.trainingSeconds,
    curve: readMetrics(files.metrics).map((line) => [Number(line.seconds ?? line.epoch), line.error]),
    latency: await latencyHere(context, race.images, model),
  };
  return {
    value: finished,
    decisions: [
      {
        step: "finish",
        name: winner.name,
        origin: winner.origin,
        seconds: Math.round(finished.seconds),
        epochs: finished.epochs,
        accuracy: finished.accuracy,
        validation: race.images.validation,
        ...(finished.test !== undefined && { test: finished.test, images: race.images.test }),
      },
    ],
  };
}

/** A training that is gone on with keeps the time that it was begun with. */
function keptSeconds({ layout }: DesignContext, name: string, seconds: number): number {
  const begun = readJson(`${layout.study(name)}/study.json`) as { time?: number } | undefined;
  return begun?.time ?? Math.max(LEAST_SECONDS, Math.round(10 * (seconds - START)) / 10);
}
