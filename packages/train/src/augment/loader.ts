import type { ChannelStatistics, DataSet, SplitName } from "../data/dataSet.js";
import type { Augmentation } from "./schema.js";

export interface LoaderOptions {
  readonly dataSet: DataSet;
  readonly split: SplitName;
  /**
   * `train`: shuffled anew each epoch, augmented, without end unless `steps` is given; the images left over by the
   * last whole batch of an epoch are dropped. `evaluate`: in order, centre crop, one pass, the last batch padded.
   */
  readonly mode: "train" | "evaluate";
  /** Images a batch. */
  readonly batch: number;
  /** Side of the square images. */
  readonly resolution: number;
  /** Required for its evaluation crop too; `augmentationSchema.parse({})` changes nothing about the images. */
  readonly augmentation: Augmentation;
  /** Share of the target spread evenly over all classes; default 0. */
  readonly labelSmoothing?: number;
  /** Default: the data set's own. */
  readonly normalisation?: ChannelStatistics;
  /** Seed of order and augmentation; default 0. */
  readonly seed?: number;
  /** Global step of the first batch; default 0. Any step can be the first: batches depend on seed and step alone. */
  readonly startStep?: number;
  /** Global step after the last batch. Default: none in training, one pass in evaluation. */
  readonly steps?: number;
  /**
   * Whether, after the last batch and one `undefined`, the first comes again, for one pass after the other by the same
   * workers; they make the next pass's first batches meanwhile. Iterating with `for await` closes the loader. Default false.
   */
  readonly repeat?: boolean;
  /** Threads that make batches; 0 makes them within `next()`. Default 1. The batches are the same, bit for bit. */
  readonly workers?: number;
  /** Batches each worker makes ahead; default 3. */
  readonly ahead?: number;
  /**
   * Where images and targets are to be delivered, such as the inputs of an executable. Default: memory of the
   * loader, from which nothing is copied.
   */
  readonly into?: { readonly images: Float32Array; readonly targets: Float32Array };
}

/** A batch. Its arrays are valid until the following `next()` or `close()`: copy what must stay. */
export interface Batch {
  /** Global step, counted from 0 over all epochs. */
  readonly step: number;
  readonly epoch: number;
  /** batch×C×H×W, normalised. */
  readonly images: Float32Array;
  /** batch×classes; rows sum to 1. Rows past `valid` are zero. */
  readonly targets: Float32Array;
  /** Class of each image before mixing; −1 past `valid`. */
  readonly labels: Int32Array;
  /** Index of each image within the split; −1 past `valid`. */
  readonly indices: Int32Array;
  /** Images that count: less than the batch only at the end of an evaluation. */
  readonly valid: number;
}

/** Makes the batches of a training run or of an evaluation, in order. */
export interface Loader extends AsyncIterable<Batch> {
  readonly stepsPerEpoch: number;
  /** Milliseconds that callers of `next()` have waited so far: near zero when the workers keep up. */
  readonly waited: number;
  /**
   * The next batch, or undefined after the last, and after `close()`. Calls do not overlap. The event loop turns before a batch is given, so
   * that Ctrl-C and timers are served however fast batches come and however long the caller works on them.
   */
  next(): Promise<Batch | undefined>;
  /** Stops the workers. Safe to call twice. */
  close(): Promise<void>;
}
