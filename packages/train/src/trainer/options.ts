import type { ModelSpec } from "@regnet/core";
import type { Engine, EngineId, Precision } from "@regnet/engine";
import type { BuildProgress, DataSet } from "../data/dataSet.js";
import type { Recipe, RecipeInput } from "../recipe/schema.js";
import type { HeldOutScore } from "./heldOut.js";

/** What `train` is told. */
export interface TrainOptions {
  /** A published name, or a network as data. Default with `from`: the network that the weights are of. */
  readonly model?: string | ModelSpec;
  /** A data set, or its name or folder. It is not closed. */
  readonly data: string | DataSet;
  /** The run's folder: made if it is not there. Without `resume` it must not hold a run. */
  readonly folder: string;
  /** A recipe, its name or its file. Default "quick". */
  readonly recipe?: string | Recipe | RecipeInput | Record<string, unknown>;
  /** In place of the recipe's. */
  readonly epochs?: number;
  /**
   * Seconds of training and evaluation, in place of epochs: the schedule is fitted to the speed measured on this
   * machine, and again on the way. Evaluations then take a twenty-fifth of it at most, however short the epochs are.
   */
  readonly time?: number;
  /** Steps, in place of epochs. */
  readonly steps?: number;
  /**
   * Where the training is to rest: it is evaluated, its checkpoint is written, and it ends as "paused". With `resume` and
   * a later pause, or in another run that `continues` it, it goes on.
   */
  readonly pause?: Pause;
  /**
   * The folder of a run of the same network whose last checkpoint this one goes on from: weights, momentum, averages and
   * the count of steps. Its `time` or `steps` are this run's own: `steps` counts those before, `time` does not.
   */
  readonly continues?: string;
  /** Images a step, in place of the recipe's. No more than there are training images. */
  readonly batch?: number;
  /** Peak learning rate for this batch, in place of the recipe's (scaled) one. */
  readonly learningRate?: number;
  /**
   * Whether choices are made on some images and the final figure on others, see `heldOut`. For data that is named here;
   * a data set that is given is taken as it is. Default true.
   */
  readonly holdOut?: boolean;
  /** Pixels a side. Default: the stored images', at most 224. */
  readonly resolution?: number;
  /** Seed of weights, order, augmentation and drop-path. Default 0. */
  readonly seed?: number;
  /** Default "auto", the fastest that this machine has. */
  readonly engine?: "auto" | EngineId | Engine;
  /** `auto`: bf16 where the processor trains faster with it. Default "fp32". */
  readonly precision?: Precision | "auto";
  /** Threads of the engine. Default: the engine's. */
  readonly threads?: number;
  /** Threads that make batches; 0 makes them in this thread. Default 1. */
  readonly workers?: number;
  /**
   * Go on from the last checkpoint: `true` needs one, "auto" starts anew where there is none. With "auto" it is for the
   * caller to see to it that no other process trains in the folder. Default false.
   */
  readonly resume?: boolean | "auto";
  /** Fine-tuning: where the weights come from and what of them trains. */
  readonly from?: FineTuneOptions;
  /** Seconds between checkpoints within an epoch; every epoch's end has one besides. Default 60. */
  readonly checkpointSeconds?: number;
  /** Epochs between checkpoints (and the last has one). Default 1. */
  readonly checkpointEpochs?: number;
  /**
   * Keeps the best weights and the last ones. Without, only the numbers are left of a finished training; its checkpoints
   * on the way are as ever. Default true.
   */
  readonly keepWeights?: boolean;
  /** Epochs between evaluations (and the last is evaluated). Default 1. */
  readonly evaluateEpochs?: number;
  /** Writes TensorBoard event files beside `metrics.jsonl`. Default true. */
  readonly tensorBoard?: boolean;
  /** Aborting it saves a checkpoint and ends the run as "stopped". */
  readonly signal?: AbortSignal;
}

/** A point of a training; the earlier of two where both are given. */
export interface Pause {
  /** Steps done. */
  readonly steps?: number;
  /** Seconds spent in steps, those of runs that it went on from included. */
  readonly seconds?: number;
}

/** Fine-tuning from weights that were trained before. */
export interface FineTuneOptions {
  /**
   * A run's folder, an exported `.onnx`, a `.safetensors`, `.pth` or `.pyth` file under any naming that `regnet import`
   * knows, `hf:owner/name`; or values by timm's names. The head starts anew where the classes are others.
   */
  readonly weights: string | Readonly<Record<string, Float32Array>>;
  /** Replaces the head even where the classes are the same. Default false. */
  readonly newHead?: boolean;
  /** Stages that stay as they are, from the stem on: 1 is the stem alone, 2 the stem and the first stage. Default 0. */
  readonly freeze?: number;
}

/** What `train` tells while it runs. Every hook is called in the training thread and must be quick. */
export interface TrainHooks {
  /** While the data set's images are decoded for the first time. */
  readonly onDataProgress?: (progress: BuildProgress) => void;
  /** Once, before the first step. */
  readonly onStart?: (start: TrainStart) => void;
  /** After every step. */
  /** A promise is waited for before the next step. */
  readonly onStep?: (step: StepProgress) => unknown;
  /** After every epoch's evaluation, once its line and its checkpoint are on disk; and whether it is the best so far. */
  readonly onEpoch?: (metrics: EpochMetrics, best: boolean) => void;
  /** Something a person should know, in a sentence. */
  readonly onNote?: (note: string) => void;
}

export interface TrainStart {
  readonly folder: string;
  readonly engine: EngineId;
  readonly recipe: Recipe;
  readonly batch: number;
  readonly resolution: number;
  readonly stepsPerEpoch: number;
  /** Steps that the run is to take; it may change where `time` was given. */
  readonly steps: number;
  /** The step it starts from: above 0 when it was resumed. */
  readonly step: number;
  /** The best epoch so far, when it was resumed. */
  readonly best?: EpochMetrics;
}

export interface StepProgress {
  /** Steps done so far, over the whole run. */
  readonly step: number;
  readonly steps: number;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of this step's batch. */
  readonly loss: number;
  readonly learningRate: number;
  /** Mean over the last steps. */
  readonly imagesPerSecond: number;
  /** Seconds until the run's end, evaluations included. */
  readonly secondsLeft: number;
}

/** One line of `metrics.jsonl`. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number;
  /** Steps done at its end. */
  readonly step: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  /** Share of the augmented training images classified rightly while training; of mixed images, the greater part counts. */
  readonly trainTop1: number;
  /** Top-1 error on the validation images, 0…1. */
  readonly error: number;
  readonly top1: number;
  /** Share of the images whose class is among the five most likely. */
  readonly top5: number;
  /** Mean cross-entropy on the validation images. */
  readonly valLoss: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Training images a second, evaluation aside. */
  readonly imagesPerSecond: number;
  /** Seconds spent in training and evaluation so far, over all attempts. */
  readonly seconds: number;
  /** Seconds of the epoch in which the trainer waited for data. */
  readonly waited: number;
  /** Seconds that the evaluation took, new batch-norm statistics included. */
  readonly evaluation: number;
  readonly [more: string]: unknown;
}

/** What `train` gives back. */
export interface RunResult {
  readonly folder: string;
  /** `stopped`: the signal was aborted; `paused`: it came to its `pause`. Either can be resumed. */
  readonly state: "finished" | "paused" | "stopped";
  readonly epochs: readonly EpochMetrics[];
  /** The epoch of the least error (of equal ones, the least validation loss), whose weights are `checkpoints/best.safetensors`. Undefined before the first. */
  readonly best?: EpochMetrics;
  /** How well those weights do on the images held out, of a finished run whose data set has some. */
  readonly test?: HeldOutScore;
  /** Steps done. */
  readonly step: number;
  /** Seconds spent in training and evaluation, over all attempts. */
  readonly seconds: number;
  /** Of these, seconds spent in steps; with those of the runs that it went on from. */
  readonly trained: number;
  /** Training images a second in this attempt. */
  readonly imagesPerSecond: number;
  /** Bytes that the training step holds. */
  readonly memory: number;
}
