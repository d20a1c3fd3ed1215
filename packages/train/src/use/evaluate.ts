import { invalid, missing, RegnetError } from "@regnet/core";
import { createLoader } from "../augment/createLoader.js";
import type { Batch } from "../augment/loader.js";
import { augmentationSchema } from "../augment/schema.js";
import type { BuildProgress, DataSet, OpenOptions, SplitName } from "../data/dataSet.js";
import { openDataSet } from "../data/open.js";
import { changedData, openRunData } from "../run/data.js";
import { addToScore, emptyScore, type Score } from "../trainer/accuracy.js";
import type { NetworkCard } from "./card.js";
import { type ClassFigures, ConfusionMatrix } from "./confusion.js";
import { openNetwork, type StoredNetwork } from "./network.js";
import type { RunningOptions } from "./predictor.js";

/** What `evaluate` is told. */
export interface EvaluateOptions extends RunningOptions {
  /** A run's folder, an `.onnx` or a `.safetensors` file, or one that is open already. */
  readonly network: string | StoredNetwork;
  /** A data set, or its name or folder. Default: what the run was trained on. */
  readonly data?: string | DataSet;
  /** Default "val"; "all" for a set that no training has seen. */
  readonly split?: SplitName | "all";
  /** Images a batch. Default 64. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** While the images are decoded for the first time. */
  readonly onDataProgress?: (progress: BuildProgress) => void;
  /** Called after every batch with the images done so far and those in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How well a network does on a data set. Shares are 0…1. */
export interface Evaluation {
  readonly images: number;
  readonly top1: number;
  readonly top5: number;
  readonly error: number;
  /** Mean over the classes of the share of their images that were recognised: what counts where classes differ in size. */
  readonly balancedAccuracy: number;
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  readonly classes: readonly ClassFigures[];
  /** `confusion[truth][prediction]`, in images. */
  readonly confusion: readonly (readonly number[])[];
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What to know of the figures: that a run's own data set has changed since, or that only a part was looked at. */
  readonly notes: readonly string[];
}

/**
 * Runs a trained network over a data set.
 * @throws RegnetError when the data set has a class that the network does not know
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const network = typeof options.network === "string" ? openNetwork(options.network) : options.network;
  const { card } = network;
  const { split = "val", batch = 64, signal, onDataProgress: onProgress } = options;
  const dataSet = await (options.data === undefined
    ? openRunData(network.source, { signal, onProgress })
    : openFor(options.data, card, { signal, onProgress }));
  const parts = partsOf(dataSet, split);
  const note = options.data === undefined ? changedData(network.source, dataSet) : partOnly(dataSet, split);
  const toNetwork = matchClasses(dataSet, card);
  const score = emptyScore();
  const confusion = new ConfusionMatrix(card.classes);
  const predictor = await network.predictor(batch, options);
  const augmentation = augmentationSchema.parse({ evaluationCrop: card.crop });
  const { resolution, normalisation } = card;
  const total = parts.reduce((sum, part) => sum + dataSet.splits[part].count, 0);
  const started = performance.now();
  const add = async ({ images, labels }: Batch) => {
    signal?.throwIfAborted();
    const logits = await predictor.predict(images);
    const known = Int32Array.from(labels, (label) => (label < 0 ? label : toNetwork[label]));
    const predictions = new Int32Array(batch);
    addToScore(score, logits, known, card.classes.length, predictions);
    confusion.add(known, predictions);
    options.onProgress?.(score.images, total);
  };
  try {
    for (const part of parts) {
      const loading = { dataSet, split: part, batch, resolution, augmentation, normalisation } as const;
      const loader = createLoader({ ...loading, mode: "evaluate" });
      try {
        for await (const images of loader) await add(images);
      } finally {
        await loader.close();
      }
    }
  } finally {
    predictor.dispose();
  }
  return { ...summarise(score, confusion, (performance.now() - started) / 1000), notes: note ? [note] : [] };
}

/** @throws RegnetError where there is no image among those asked for */
function partsOf({ name, splits }: DataSet, split: SplitName | "all"): SplitName[] {
  const asked: SplitName[] = split === "all" ? ["train", "val", "test"] : [split];
  const parts = asked.filter((part) => splits[part].count > 0);
  if (parts.length > 0) return parts;
  throw missing(`${split} images of ${name}`, "take all of them: --split all");
}

/** In words, where a set that does not say what is `val` was divided, so that not all of it is looked at. */
function partOnly({ name, handle, splits }: DataSet, split: SplitName | "all"): string | undefined {
  if (!handle.split || split === "all") return undefined;
  const all = splits.train.count + splits.val.count + splits.test.count;
  return `${name} has no val folder; these are the ${splits[split].count} of its ${all} images that a training would take for ${split}; --split all takes all`;
}

function summarise(score: Score, confusion: ConfusionMatrix, seconds: number): Omit<Evaluation, "notes"> {
  const { images, top1, top5, loss } = score;
  return {
    images,
    top1: top1 / images,
    top5: top5 / images,
    error: 1 - top1 / images,
    balancedAccuracy: confusion.balancedAccuracy,
    loss: loss / images,
    classes: confusion.figures,
    confusion: confusion.rows,
    seconds,
    imagesPerSecond: images / seconds,
  };
}

/** The data set as a network wants its images. */
export async function openFor(
  data: string | DataSet,
  { resolution, channels }: NetworkCard,
  opening: Pick<OpenOptions, "signal" | "onProgress"> = {},
): Promise<DataSet> {
  const dataSet = typeof data === "string" ? await openDataSet(data, { resolution, channels, ...opening }) : data;
  if (dataSet.channels !== channels) {
    throw invalid(`channels of ${dataSet.name}`, dataSet.channels, `${channels}, which the network was trained on`);
  }
  return dataSet;
}

/** The network's class for each class of the data set, by name. */
export function matchClasses({ classes, name }: DataSet, card: NetworkCard): number[] {
  return classes.map((one) => {
    const index = card.classes.indexOf(one);
    if (index >= 0) return index;
    const known = card.classes.slice(0, 10).join(", ");
    throw new RegnetError(
      `unknown class "${one}" of ${name}: the network knows ${known}${card.classes.length > 10 ? ", …" : ""}`,
      "invalid",
    );
  });
}
