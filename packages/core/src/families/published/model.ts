import type { ModelSpec } from "../model.js";

/** What the authors report of a network, for images of 224² in 3 channels and 1000 classes. */
export interface PublishedFacts {
  /** Where the figures were published. */
  readonly source: string;
  readonly widths?: readonly number[];
  readonly depths?: readonly number[];
  readonly groupWidths?: readonly number[];
  /** Multiply-adds of one image. */
  readonly flops?: number;
  readonly params?: number;
  /** Output elements of the convolutions for one image, as pycls counts them. */
  readonly acts?: number;
  /** Top-1 error on ImageNet's validation set, percent. */
  readonly top1Error?: number;
  /** Inference of 64 images on one V100, milliseconds. */
  readonly inferenceMs?: number;
  /** Training for 100 epochs on eight V100, hours. */
  readonly trainingHours?: number;
}

/** A network with a name. */
export interface PublishedModel {
  readonly name: string;
  /** Other names it goes by: timm's, short ones. */
  readonly aliases: readonly string[];
  readonly spec: ModelSpec;
  readonly published: PublishedFacts;
}
