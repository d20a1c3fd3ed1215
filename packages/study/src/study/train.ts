import { resolve } from "node:path";
import { RegnetError } from "@regnet/core";
import { chooseEngine, type Engine } from "@regnet/engine";
import {
  checkpointStep,
  type DataSet,
  type DataSetHandle,
  type Recipe,
  readRecipe,
  train as trainNetwork,
} from "@regnet/train";
import { openImages } from "./images.js";
import type { StudySpec } from "./spec.js";
import { StorageError } from "./storage.js";
import type { Study } from "./study.js";
import type { Trial } from "./trial.js";
import { StudyError, summariseEpochs, type Task, type TaskContext, type TaskResult } from "./task.js";

/** Trains one network through `@regnet/train`. The trial's folder is the run's folder. */
export const train: Task = {
  run: trainTrial,
  progress: ({ last }) => checkpointStep(last),
};

/** What a trial may lose where its process is killed. */
const CHECKPOINT_SECONDS = 20;

async function trainTrial({
  study,
  trial,
  layout,
  images,
  signal,
  advance,
  epochDone,
}: TaskContext): Promise<TaskResult> {
  const { spec } = study;
  const { dataSet, engine, recipe } = await materialsOf(study, images);
  const run = await trainNetwork(
    {
      model: trial.model,
      data: dataSet,
      engine,
      folder: layout.folder,
      seed: trial.seed,
      resume: "auto",
      threads: spec.threads,
      workers: spec.threads > 1 ? 1 : 0,
      tensorBoard: false,
      checkpointSeconds: CHECKPOINT_SECONDS,
      keepWeights: spec.weights !== "none",
      ...{ recipe, ...lengthOf(spec), batch: spec.batch, pause: pauseOf(study, trial, dataSet) },
      ...(trial.from !== undefined && { from: { weights: trial.from } }),
      ...(trial.continues !== undefined && { continues: resolve(study.folder, trial.continues) }),
      ...{ resolution: spec.resolution, precision: spec.precision, signal },
    },
    { onStep: () => advance(), onEpoch: epochDone },
  );
  if (run.state === "stopped") throw signal.reason;
  const { seconds: trainingSeconds, trained, step: steps, imagesPerSecond, memory } = run;
  const summary = summariseEpochs(run.epochs);
  // Trainings that rest are compared where they rest.
  const error = run.state === "paused" ? summary.finalError : summary.error;
  return { ...summary, error, trainingSeconds, trained, steps, imagesPerSecond, memory };
}

function lengthOf({ epochs, steps, time }: StudySpec) {
  if (time !== undefined) return { time };
  return steps !== undefined ? { steps } : { epochs };
}

function pauseOf({ spec }: Study, { until }: Trial, { splits }: DataSet): StudySpec["pause"] {
  return until === undefined ? spec.pause : { steps: until * Math.floor(splits.train.count / spec.batch) };
}

/** What every trial of a study needs alike. */
interface Materials {
  readonly dataSet: DataSet;
  readonly engine: Engine;
  readonly recipe: Recipe;
}

let opened: { readonly study: Study; readonly materials: Promise<Materials> } | undefined;

/** Opened once for all trials of a process. */
function materialsOf(study: Study, images: DataSetHandle | undefined): Promise<Materials> {
  if (opened?.study !== study) opened = { study, materials: open(study, images) };
  return opened.materials;
}

async function open(study: Study, images: DataSetHandle | undefined): Promise<Materials> {
  const { engine, precision, recipe } = study.spec;
  try {
    return {
      engine: engineFor(engine, precision),
      recipe: await readRecipe(recipe, { resolution: study.spec.resolution, epochs: study.spec.epochs }),
      dataSet: await openImages(study, images),
    };
  } catch (error) {
    if (error instanceof RegnetError && !(error instanceof StorageError))
      throw new StudyError(error.message, error.code, error.path);
    throw error;
  }
}

function engineFor(preference: StudySpec["engine"], precision: StudySpec["precision"]): Engine {
  const engine = chooseEngine(preference);
  const found = engine.probe();
  if (found.available && !found.precisions.includes(precision)) {
    const place = `${engine.id} on ${found.instructionSet}`;
    throw new RegnetError(
      `unsupported precision ${precision}: ${place} has ${found.precisions.join(", ")}`,
      "unsupported",
    );
  }
  return engine;
}
