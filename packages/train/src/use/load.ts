import { ImagePipeline } from "../augment/pipeline.js";
import { augmentationSchema } from "../augment/schema.js";
import { decodeImage } from "../data/decode.js";
import type { Image } from "../data/image.js";
import { Random } from "../data/random.js";
import type { NetworkCard } from "./card.js";
import { openNetwork, type StoredNetwork } from "./network.js";
import type { Predictor, RunningOptions } from "./predictor.js";
import { Saliency, type SaliencyMap } from "./saliency.js";

/** A class with the network's belief in it. */
export interface Prediction {
  readonly name: string;
  /** Index of the class. */
  readonly index: number;
  /** 0…1; over all classes they sum to 1. */
  readonly probability: number;
}

/** An image that can be classified: a path, a file's content, or planes of bytes. */
export type ImageInput = string | Uint8Array | Image;

/**
 * A trained network, ready to classify images. Calls may overlap: the images are read at once and take turns in the
 * network. Owned by the caller, who disposes of it.
 */
export interface Classifier {
  readonly card: NetworkCard;
  /**
   * The `top` most likely classes (default 5), most likely first.
   * @throws Error whose message says why the image cannot be read
   */
  classify(image: ImageInput, top?: number): Promise<Prediction[]>;
  /** Where in the image the network sees a class (default: the most likely one), by Grad-CAM. */
  explain(image: ImageInput, label?: number): Promise<SaliencyMap>;
  /** Frees the network once the calls that are under way are done with it. */
  dispose(): void;
}

/**
 * Loads a trained network: a run's folder, an exported `.onnx`, or a run's `.safetensors`. Classes, normalisation and
 * size are in the file.
 * @throws RegnetError for a file that is none of these
 */
export async function load(source: string, options: RunningOptions = {}): Promise<Classifier> {
  const network = openNetwork(source);
  return new LoadedClassifier(network, await network.predictor(1, options), options);
}

class LoadedClassifier implements Classifier {
  private readonly pipeline: ImagePipeline;
  private readonly pixels: Float32Array;
  private saliency: Promise<Saliency> | undefined;
  /** The last image in the queue, done with or failed. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly network: StoredNetwork,
    private readonly predictor: Predictor,
    private readonly options: RunningOptions,
  ) {
    const { channels, resolution, crop, normalisation } = network.card;
    const augmentation = augmentationSchema.parse({ evaluationCrop: crop });
    this.pipeline = new ImagePipeline({ mode: "evaluate", channels, resolution, augmentation, normalisation });
    this.pixels = new Float32Array(channels * resolution ** 2);
  }

  get card(): NetworkCard {
    return this.network.card;
  }

  async classify(image: ImageInput, top = 5): Promise<Prediction[]> {
    const decoded = await this.image(image);
    return (await this.inTurn(() => this.ranked(decoded))).slice(0, top);
  }

  async explain(image: ImageInput, label?: number): Promise<SaliencyMap> {
    const decoded = await this.image(image);
    return this.inTurn(async () => {
      const chosen = label ?? (await this.ranked(decoded))[0].index;
      this.saliency ??= Saliency.create(this.network, this.options);
      const saliency = await this.saliency;
      this.prepare(decoded);
      return saliency.map(this.pixels, chosen);
    });
  }

  dispose(): void {
    void this.inTurn(async () => {
      this.predictor.dispose();
      await this.saliency?.then(
        (saliency) => saliency.dispose(),
        () => {},
      );
    });
  }

  /** One image after the other, since all share the buffers; one that fails does not hold up the next. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  private async ranked(image: Image): Promise<Prediction[]> {
    this.prepare(image);
    const probabilities = softmax(await this.predictor.predict(this.pixels));
    return this.card.classes
      .map((name, index) => ({ name, index, probability: probabilities[index] }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index);
  }

  private prepare(image: Image): void {
    this.pipeline.run(image, new Random(0), this.pixels, 0);
  }

  private async image(input: ImageInput): Promise<Image> {
    if (typeof input === "object" && "data" in input) return input;
    const { channels, resolution } = this.card;
    return decodeImage(input, { channels, side: Math.round((resolution * 8) / 7) });
  }
}

function softmax(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
