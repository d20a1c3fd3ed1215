import { Random } from "../data/random.js";

const ORDER = 0x4f524445;

/** In training, whole batches; of fewer images than a batch, one, in which images repeat. In evaluation, all images. */
export function stepsPerEpoch(mode: "train" | "evaluate", count: number, batch: number): number {
  return mode === "train" ? Math.max(1, Math.floor(count / batch)) : Math.ceil(count / batch);
}

/** Which images a training step sees: a new permutation each epoch, found from the seed and the step alone. */
export class TrainingOrder {
  private epoch = -1;
  private readonly permutation: Int32Array;

  constructor(
    readonly count: number,
    readonly batch: number,
    private readonly seed: number,
  ) {
    this.permutation = new Int32Array(count);
  }

  get stepsPerEpoch(): number {
    return stepsPerEpoch("train", this.count, this.batch);
  }

  /** Index of the image in a place of a step's batch. */
  indexAt(step: number, place: number): number {
    const { stepsPerEpoch } = this;
    this.turnTo(Math.floor(step / stepsPerEpoch));
    return this.permutation[((step % stepsPerEpoch) * this.batch + place) % this.count];
  }

  private turnTo(epoch: number): void {
    if (this.epoch === epoch) return;
    this.epoch = epoch;
    for (let i = 0; i < this.count; i++) this.permutation[i] = i;
    new Random(ORDER, this.seed, epoch).shuffle(this.permutation);
  }
}
