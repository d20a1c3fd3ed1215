import type { ChannelStatistics } from "../data/dataSet.js";
import type { Image } from "../data/image.js";
import type { Random } from "../data/random.js";
import { Canvas } from "./canvas.js";
import { colourJitter } from "./colour/jitter.js";
import { type Crop, centreCrop, trainingCrop } from "./crop.js";
import { erase } from "./erase.js";
import { meanColour, Normaliser } from "./normalise.js";
import { randAugment } from "./randAugment/randAugment.js";
import { type Augmentation, evaluationCrop } from "./schema.js";

export interface PipelineOptions {
  readonly mode: "train" | "evaluate";
  readonly channels: 1 | 3;
  readonly resolution: number;
  readonly augmentation: Augmentation;
  readonly normalisation: ChannelStatistics;
}

type ColourOp = (canvas: Canvas, random: Random) => void;

/** From a stored image to the network's input: crop, flip, colours, normalisation, erasing. One a thread. */
export class ImagePipeline {
  private readonly canvas: Canvas;
  private readonly crop: Crop;
  private readonly colours: readonly ColourOp[];
  private readonly normaliser: Normaliser;
  private readonly erasing: Augmentation["erasing"];

  constructor({ mode, channels, resolution, augmentation, normalisation }: PipelineOptions) {
    const train = mode === "train";
    this.canvas = new Canvas(channels, resolution, meanColour(normalisation));
    this.crop = train ? trainingCrop(augmentation) : centreCrop(evaluationCrop(augmentation));
    this.colours = train ? colourOps(augmentation) : [];
    this.normaliser = new Normaliser(normalisation);
    this.erasing = train ? augmentation.erasing : undefined;
  }

  /** Writes channels×resolution×resolution numbers to `target` from `offset` on; draws from `random` alone. */
  run(image: Image, random: Random, target: Float32Array, offset: number): void {
    const { canvas } = this;
    this.crop(image, canvas, random);
    for (const op of this.colours) op(canvas, random);
    this.normaliser.write(canvas, target, offset);
    if (this.erasing) erase(target, offset, canvas.channels, canvas.side, this.erasing, random);
  }
}

function colourOps(augmentation: Augmentation): ColourOp[] {
  const ops: ColourOp[] = [];
  if (augmentation.colourJitter) ops.push(colourJitter(augmentation.colourJitter));
  if (augmentation.randAugment) ops.push(randAugment(augmentation.randAugment));
  return ops;
}
