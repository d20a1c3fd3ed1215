import { RegnetError } from "@regnet/core";
import { chooseEngine, type Engine } from "@regnet/engine";
import { type DataSet, openDataSet, subsetOf, train as trainNetwork } from "@regnet/train";
import type { StudySpec } from "./spec.js";
import { StudyError, summariseEpochs, type Task } from "./task.js";

/** Trains one network through `@regnet/train` with one thread. The trial's folder is the run's folder. */
export const train: Task = async ({ spec, trial, layout, signal, advance, epochDone }) => {
  const { dataSet, engine } = await materialsOf(spec);
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
    { onStep: advance, onEpoch: epochDone },
  );
  if (run.state === "stopped") throw signal.reason;
  const { seconds: trainingSeconds, imagesPerSecond, memory } = run;
  return { ...summariseEpochs(run.epochs), trainingSeconds, imagesPerSecond, memory };
};

/** What every trial of a study needs alike. */
interface Materials {
  readonly dataSet: DataSet;
  readonly engine: Engine;
}

let opened: { readonly spec: StudySpec; readonly materials: Promise<Materials> } | undefined;

/** Opened once for all trials of a process. */
function materialsOf(spec: StudySpec): Promise<Materials> {
  if (opened?.spec !== spec) opened = { spec, materials: open(spec) };
  return opened.materials;
}

async function open(spec: StudySpec): Promise<Materials> {
  try {
    const all = await openDataSet(spec.data, { resolution: spec.resolution });
    const dataSet = spec.subset ? subsetOf(all, { ...spec.subset, seed: spec.seed }) : all;
    expectImages(spec, dataSet);
    return { dataSet, engine: await chooseEngine(spec.engine) };
  } catch (error) {
    if (error instanceof RegnetError) throw new StudyError(error.message, error.code, error.path);
    throw error;
  }
}

function expectImages({ data, classes, channels }: StudySpec, found: DataSet): void {
  if (found.classes.length === classes && found.channels === channels) return;
  const got = `${found.classes.length} classes in ${found.channels} channels`;
  const text = `invalid data: ${data} has ${got}, but the study was sampled for ${classes} in ${channels}`;
  throw new RegnetError(`${text}; make a new study for these images`, "invalid", "data");
}
