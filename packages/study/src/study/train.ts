import { RegnetError } from "@regnet/core";
import { chooseEngine, type Engine } from "@regnet/engine";
import { checkpointStep, type DataSet, type DataSetHandle, train as trainNetwork } from "@regnet/train";
import { openImages } from "./images.js";
import type { StudySpec } from "./spec.js";
import { StudyError, summariseEpochs, type Task, type TaskContext, type TaskResult } from "./task.js";

/** Trains one network through `@regnet/train` with one thread. The trial's folder is the run's folder. */
export const train: Task = {
  run: trainTrial,
  progress: ({ last }) => checkpointStep(last),
};

async function trainTrial({
  spec,
  trial,
  layout,
  images,
  signal,
  advance,
  epochDone,
}: TaskContext): Promise<TaskResult> {
  const { dataSet, engine } = await materialsOf(spec, images);
  const run = await trainNetwork(
    {
      model: trial.model,
      data: dataSet,
      engine,
      folder: layout.folder,
      seed: trial.seed,
      resume: "auto",
      threads: 1,
      workers: 0,
      tensorBoard: false,
      keepWeights: spec.weights !== "none",
      ...{ recipe: spec.recipe, epochs: spec.epochs, batch: spec.batch },
      ...{ resolution: spec.resolution, precision: spec.precision, signal },
    },
    { onStep: () => advance(), onEpoch: epochDone },
  );
  if (run.state === "stopped") throw signal.reason;
  const { seconds: trainingSeconds, imagesPerSecond, memory } = run;
  return { ...summariseEpochs(run.epochs), trainingSeconds, imagesPerSecond, memory };
}

/** What every trial of a study needs alike. */
interface Materials {
  readonly dataSet: DataSet;
  readonly engine: Engine;
}

let opened: { readonly spec: StudySpec; readonly materials: Promise<Materials> } | undefined;

/** Opened once for all trials of a process. */
function materialsOf(spec: StudySpec, images: DataSetHandle | undefined): Promise<Materials> {
  if (opened?.spec !== spec) opened = { spec, materials: open(spec, images) };
  return opened.materials;
}

async function open(spec: StudySpec, images: DataSetHandle | undefined): Promise<Materials> {
  try {
    return { dataSet: await openImages(spec, images), engine: chooseEngine(spec.engine) };
  } catch (error) {
    if (error instanceof RegnetError) throw new StudyError(error.message, error.code, error.path);
    throw error;
  }
}
