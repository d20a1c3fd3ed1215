import type { ChannelStatistics, DataSet, SplitName } from "../data/dataSet.js";
import { Random } from "../data/random.js";
import { mixBatch } from "./mix.js";
import { stepsPerEpoch, TrainingOrder } from "./order.js";
import { ImagePipeline } from "./pipeline.js";
import type { Augmentation } from "./schema.js";

const IMAGE = 0x494d4147;
const MIX = 0x4d495845;

/** What batches depend on, apart from the images: plain data, for `postMessage`. */
export interface BatchPlan {
  readonly split: SplitName;
  readonly mode: "train" | "evaluate";
  readonly batch: number;
  readonly resolution: number;
  readonly augmentation: Augmentation;
  readonly labelSmoothing: number;
  readonly normalisation: ChannelStatistics;
  readonly seed: number;
}

/** Where a batch is written: images batch×C×H×W, targets batch×classes, a label and an index an image. */
export interface BatchBuffers {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly labels: Int32Array;
  readonly indices: Int32Array;
}

/** Makes any batch from its step, the same in whichever thread. */
export class BatchMaker {
  readonly stepsPerEpoch: number;
  private readonly order: TrainingOrder;
  private readonly pipeline: ImagePipeline;
  private readonly random = new Random(0);

  constructor(
    private readonly dataSet: DataSet,
    private readonly plan: BatchPlan,
  ) {
    const { count } = dataSet.splits[plan.split];
    this.order = new TrainingOrder(count, plan.batch, plan.seed);
    this.stepsPerEpoch = stepsPerEpoch(plan.mode, count, plan.batch);
    this.pipeline = new ImagePipeline({ ...plan, channels: dataSet.channels });
  }

  /** Writes the batch of a step. @returns how many of its images count */
  make(step: number, buffers: BatchBuffers): number {
    const { batch, mode } = this.plan;
    const valid = mode === "train" ? batch : this.validIn(step);
    for (let place = 0; place < valid; place++) this.makeImage(step, place, buffers);
    if (valid < batch) clearFrom(buffers, valid, batch);
    if (mode === "train") this.mix(step, buffers);
    return valid;
  }

  private validIn(step: number): number {
    const { count } = this.dataSet.splits[this.plan.split];
    return Math.min(this.plan.batch, count - (step % this.stepsPerEpoch) * this.plan.batch);
  }

  private makeImage(step: number, place: number, { images, targets, labels, indices }: BatchBuffers): void {
    const { mode, batch, seed, split, labelSmoothing } = this.plan;
    const source = this.dataSet.splits[split];
    const index = mode === "train" ? this.order.indexAt(step, place) : (step % this.stepsPerEpoch) * batch + place;
    const random = this.random.rekey(IMAGE, seed, step, place);
    this.pipeline.run(source.image(index), random, images, place * (images.length / batch));
    const label = source.labels[index];
    const classes = this.dataSet.classes.length;
    targets.fill(labelSmoothing / classes, place * classes, (place + 1) * classes);
    targets[place * classes + label] += 1 - labelSmoothing;
    labels[place] = label;
    indices[place] = index;
  }

  private mix(step: number, { images, targets }: BatchBuffers): void {
    const { batch, seed, augmentation, resolution } = this.plan;
    if (!augmentation.mix) return;
    const { channels, classes } = this.dataSet;
    const size = { batch, channels, side: resolution, classes: classes.length };
    mixBatch({ images, targets, ...size }, augmentation.mix, this.random.rekey(MIX, seed, step));
  }
}

function clearFrom({ images, targets, labels, indices }: BatchBuffers, valid: number, batch: number): void {
  images.fill(0, valid * (images.length / batch));
  targets.fill(0, valid * (targets.length / batch));
  labels.fill(-1, valid);
  indices.fill(-1, valid);
}
