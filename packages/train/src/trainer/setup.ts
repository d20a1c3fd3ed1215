import {
  buildModel,
  type DifferentiateOptions,
  differentiate,
  findModel,
  type Graph,
  invalid,
  type ModelSpec,
  missing,
  type NetworkOptions,
} from "@regnet/core";
import { chooseEngine, type Engine, type Precision } from "@regnet/engine";
import type { DataSet, OpenOptions } from "../data/dataSet.js";
import { assertTrainable } from "../data/packedDataSet.js";
import { readRecipe } from "../recipe/read.js";
import { peakLearningRate } from "../recipe/schedule.js";
import type { Recipe } from "../recipe/schema.js";
import { frozenBy } from "./freeze.js";
import type { FineTuneOptions, TrainHooks, TrainOptions } from "./options.js";
import type { Origin } from "./origin.js";
import { measureTraining } from "./speed.js";

/** Everything about a training that is settled before its first step. */
export interface Setup {
  readonly name: string | undefined;
  readonly model: ModelSpec;
  readonly dataSet: DataSet;
  /** What the data set was opened by, if here; and for which resolution, if for one that was given. */
  readonly opened: { readonly source: string; readonly resolution?: number } | undefined;
  /** As it is used: epochs, batch and learning rate are the run's own. */
  readonly recipe: Recipe;
  readonly resolution: number;
  readonly seed: number;
  readonly time: number | undefined;
  readonly steps: number | undefined;
  /** The folder of the run that it goes on from. */
  readonly continues: string | undefined;
  readonly engine: Engine;
  readonly precision: Precision;
  readonly threads: number | undefined;
  readonly workers: number;
  readonly evaluateEpochs: number;
  /** Training images ÷ batch, rounded down. */
  readonly stepsPerEpoch: number;
  readonly fineTuning: FineTuning | undefined;
  readonly frozen: (name: string) => boolean;
  /** Whether a part of the network is frozen. */
  readonly partly: boolean;
}

/** What a training is told of the weights that it starts from. */
export interface FineTuning {
  readonly options: FineTuneOptions;
  /** Reads the network; once, and not before it is needed. */
  origin(): Promise<Origin>;
}

const DEFAULT_RESOLUTION = 224;

/** Settles what the options leave open. @throws RegnetError for options that do not fit each other or the data */
export async function setUp(options: TrainOptions, onProgress?: TrainHooks["onDataProgress"]): Promise<Setup> {
  validate(options);
  const { name, spec, fineTuning } = await chooseModel(options);
  const { data } = options;
  const dataSet =
    typeof data === "string"
      ? await opened(data, {
          resolution: options.resolution,
          holdOut: options.holdOut ?? true,
          signal: options.signal,
          onProgress,
        })
      : data;
  assertTrainable(dataSet);
  const resolution = options.resolution ?? defaultResolution(dataSet);
  const given = await fittedRecipe(options, spec, dataSet, resolution);
  const precision = await chosenPrecision(options, spec, given, dataSet, resolution);
  const model = withDropPath(spec, given);
  const frozen = frozenBy(model, options.from?.freeze ?? 0);
  const batch = Math.min(options.batch ?? given.batch, dataSet.splits.train.count);
  return {
    name,
    model,
    dataSet,
    opened: typeof data === "string" ? { source: data, resolution: options.resolution } : undefined,
    recipe: ownRecipe(given, options, batch),
    resolution,
    seed: options.seed ?? 0,
    time: options.time,
    steps: options.steps,
    continues: options.continues,
    engine: chosenEngine(options.engine),
    precision,
    threads: options.threads,
    workers: options.workers ?? 1,
    evaluateEpochs: options.evaluateEpochs ?? 1,
    stepsPerEpoch: Math.floor(dataSet.splits.train.count / batch),
    fineTuning,
    frozen,
    partly: (options.from?.freeze ?? 0) > 0,
  };
}

async function opened(source: string, options: OpenOptions): Promise<DataSet> {
  const { openDataSet } = await import("../data/open.js");
  return openDataSet(source, options);
}

async function chosenPrecision(
  { precision = "fp32", engine, threads }: TrainOptions,
  model: ModelSpec,
  recipe: Recipe,
  { splits: { train }, channels, classes }: DataSet,
  resolution: number,
): Promise<Precision> {
  if (precision !== "auto") return precision;
  const measured = await measureTraining({
    ...{ model, recipe, engine, precision, threads },
    ...{ resolution, channels, classes: classes.length, images: train.count },
  });
  return measured.precision;
}

/** The recipe that was asked for, fitted to how often the training will see each image. */
async function fittedRecipe(
  { recipe = "quick", epochs, steps, time, batch, engine, precision, threads }: TrainOptions,
  model: ModelSpec,
  { splits: { train }, channels, classes }: DataSet,
  resolution: number,
): Promise<Recipe> {
  const plain = await readRecipe(recipe);
  const known = epochs ?? (steps === undefined ? undefined : (steps * (batch ?? plain.batch)) / train.count);
  if (known !== undefined || time === undefined)
    return readRecipe(recipe, { resolution, epochs: known ?? plain.epochs });
  const { imagesPerSecond } = await measureTraining({
    ...{ model, recipe: plain, engine, precision, threads },
    ...{ resolution, channels, classes: classes.length, images: train.count },
  });
  return readRecipe(recipe, { resolution, epochs: (time * imagesPerSecond) / train.count });
}

/** The network's inference graph for batches of this size. */
export function inferenceGraph({ model, resolution, dataSet }: Setup, batch: number): Graph {
  const { channels, classes } = dataSet;
  const options: NetworkOptions = { batch, resolution, channels, classes: classes.length };
  return buildModel(model, options);
}

/** The graph of a training step. */
export function trainingGraph(setup: Setup): Graph {
  const { recipe, frozen } = setup;
  const { labelSmoothing, clipNorm, average, decay } = recipe;
  const options: DifferentiateOptions = {
    frozen,
    clipNorm,
    average: average !== undefined,
    decays: ({ value }) => decay === "all" || value.shape.length > 1,
  };
  const graph = inferenceGraph(setup, recipe.batch);
  return differentiate(graph, { kind: "softmaxCrossEntropy", labelSmoothing }, recipe.optimiser, options);
}

/** The network that is asked for, or the one that is fine-tuned. */
async function chooseModel({ model, from }: TrainOptions): Promise<ChosenModel> {
  const found = typeof model === "string" ? findModel(model) : model && { name: undefined, spec: model };
  const fineTuning = from && { options: from, origin: once(() => originOf(from.weights, found?.spec)) };
  if (found) return { name: found.name, spec: found.spec, fineTuning };
  if (!fineTuning) throw missing("model", "give a published name, a network as data, or weights to start from");
  const { name, model: spec } = await fineTuning.origin();
  return { name, spec, fineTuning };
}

interface ChosenModel extends Pick<Setup, "name" | "fineTuning"> {
  readonly spec: ModelSpec;
}

async function originOf(weights: FineTuneOptions["weights"], model: ModelSpec | undefined): Promise<Origin> {
  if (typeof weights === "string") {
    const { readOrigin } = await import("./origin.js");
    return readOrigin(weights, model);
  }
  if (!model) throw missing("model", "values alone do not tell which network they are of");
  return { model, weights, note: "starts from the weights given" };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

function ownRecipe(given: Recipe, options: TrainOptions, batch: number): Recipe {
  const learningRate = options.learningRate ?? peakLearningRate(given, batch);
  const { referenceBatch: _, ...rest } = given;
  return { ...rest, epochs: options.epochs ?? given.epochs, batch, learningRate };
}

function withDropPath(model: ModelSpec, { dropPath }: Recipe): ModelSpec {
  return model.family === "convnext" && model.dropPath === undefined && dropPath ? { ...model, dropPath } : model;
}

function defaultResolution({ sizes }: DataSet): number {
  return Math.min(DEFAULT_RESOLUTION, sizes.largest.height, sizes.largest.width);
}

function chosenEngine(engine: TrainOptions["engine"] = "auto"): Engine {
  return typeof engine === "string" ? chooseEngine(engine) : engine;
}

const COUNTS = [
  "epochs",
  "steps",
  "batch",
  "resolution",
  "threads",
  "checkpointEpochs",
  "evaluateEpochs",
] as const satisfies readonly (keyof TrainOptions)[];

function validate(options: TrainOptions): void {
  for (const field of COUNTS) {
    const value = options[field];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      throw invalid(field, value, "a positive integer");
    }
  }
  for (const field of ["time", "learningRate", "checkpointSeconds"] as const) {
    const value = options[field];
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) throw invalid(field, value, "a positive number");
  }
  const { seed = 0, workers = 1, epochs, steps, time } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) throw invalid("seed", seed, "an integer of at least 0");
  if (!Number.isSafeInteger(workers) || workers < 0) throw invalid("workers", workers, "an integer of at least 0");
  if (epochs !== undefined && time !== undefined) throw invalid("time", time, "either epochs or time, not both");
  if (steps !== undefined && (epochs ?? time) !== undefined)
    throw invalid("steps", steps, "steps alone, without epochs or time");
}
