import { invalid, RegnetError } from "@regnet/core";
import { sharedMemoryOf } from "../data/packedDataSet.js";
import type { BatchBuffers, BatchPlan } from "./batchMaker.js";
import { InThreadLoader } from "./inThreadLoader.js";
import type { Loader, LoaderOptions } from "./loader.js";
import { stepsPerEpoch } from "./order.js";
import { type BatchSizes, createRing } from "./ring.js";
import type { Steps } from "./stepCounter.js";
import { ThreadedLoader } from "./threadedLoader.js";
import { WorkerRing } from "./workerRing.js";

const MAX_SIDE = 4096;
const MAX_BATCH = 65_536;
const MAX_WORKERS = 64;

/**
 * Makes the batches of a training run or of an evaluation. Every batch depends on the data set, the options and its
 * step alone: not on the number of workers, nor on where the loader started.
 * @throws RegnetError when an option is out of range or the split is empty
 */
export function createLoader(options: LoaderOptions): Loader {
  validate(options);
  const plan = planOf(options);
  const sizes = sizesOf(options);
  const steps = stepsOf(options);
  const { dataSet, into, workers = 1, ahead = 3 } = options;
  if (workers === 0) return new InThreadLoader(dataSet, plan, allocate(sizes, into), steps);
  const shared = sharedMemoryOf(dataSet.handle);
  const rings = Array.from({ length: workers }, (_, worker) => {
    const ring = createRing(ahead, sizes);
    return new WorkerRing({ handle: dataSet.handle, plan, ring, shared, steps, first: worker, stride: workers });
  });
  return new ThreadedLoader(rings, steps, into);
}

function planOf({ dataSet, split, mode, batch, resolution, augmentation, ...rest }: LoaderOptions): BatchPlan {
  const { labelSmoothing = 0, normalisation = dataSet.statistics, seed = 0 } = rest;
  return { split, mode, batch, resolution, augmentation, labelSmoothing, normalisation, seed };
}

function sizesOf({ dataSet: { channels, classes }, batch, resolution }: LoaderOptions): BatchSizes {
  return { images: batch * channels * resolution ** 2, targets: batch * classes.length, labels: batch };
}

function stepsOf({ dataSet, split, mode, batch, startStep = 0, steps, repeat = false }: LoaderOptions): Steps {
  const { count } = dataSet.splits[split];
  const perEpoch = stepsPerEpoch(mode, count, batch);
  const end = steps ?? (mode === "train" ? Number.POSITIVE_INFINITY : perEpoch);
  return { first: startStep, end, perEpoch, repeat: repeat && startStep < end };
}

function allocate(sizes: BatchSizes, into: LoaderOptions["into"]): BatchBuffers {
  return {
    images: into?.images ?? new Float32Array(sizes.images),
    targets: into?.targets ?? new Float32Array(sizes.targets),
    labels: new Int32Array(sizes.labels),
    indices: new Int32Array(sizes.labels),
  };
}

function validate(options: LoaderOptions): void {
  const { dataSet, split, batch, resolution, startStep = 0, workers = 1, ahead = 3, labelSmoothing = 0 } = options;
  whole("batch", batch, 1, MAX_BATCH);
  whole("resolution", resolution, 1, MAX_SIDE);
  whole("startStep", startStep, 0, Number.MAX_SAFE_INTEGER);
  whole("workers", workers, 0, MAX_WORKERS);
  whole("ahead", ahead, 1, 64);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) throw invalid("labelSmoothing", labelSmoothing, "a share below 1");
  if (dataSet.splits[split].count === 0) {
    throw new RegnetError(`invalid data set "${dataSet.name}": no ${split} images`, "invalid", dataSet.name);
  }
  checkInto(options);
}

function checkInto(options: LoaderOptions): void {
  const sizes = sizesOf(options);
  for (const name of ["images", "targets"] as const) {
    const given = options.into?.[name].length;
    if (given !== undefined && given !== sizes[name]) throw invalid(`into.${name}`, given, `${sizes[name]} numbers`);
  }
}

function whole(what: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw invalid(what, value, `a whole number from ${low} to ${high}`);
  }
}
