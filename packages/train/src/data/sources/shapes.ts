import type { SplitName } from "../dataSet.js";
import { Random } from "../random.js";
import { reducePlanes } from "../reduce.js";
import { drawShape, SHAPES_SIDE, shapeNames } from "./shapeDrawing.js";
import type { Source, SourceItem } from "./source.js";

const SHAPES = 0x53484150;
/** Raised whenever the drawings change. */
const VERSION = 2;

export interface ShapesOptions {
  /** Training images; default 10,000. */
  readonly train?: number;
  /** Validation images; default a fifth of the training images. */
  readonly val?: number;
  readonly seed?: number;
}

/**
 * Ten classes of light shapes on dim, cluttered backgrounds, 32×32, drawn from a seed: always there, the same
 * everywhere. Classes are balanced; colour, size, place, rotation and background say nothing about the class. Small
 * networks learn most of it within a few minutes, and none of it at once.
 */
export function shapesSource({ train = 10_000, val = Math.ceil(train / 5), seed = 0 }: ShapesOptions = {}): Source {
  const signature = `shapes ${VERSION} ${train} ${val} ${seed}`;
  return {
    name: "shapes",
    location: "shapes",
    signature,
    contents: async () => ({ digest: signature, whole: true }),
    channels: 3,
    classes: shapeNames,
    total: train + val,
    skipped: [],
    notes: [],
    *items() {
      yield* drawings("train", train, seed, 0);
      yield* drawings("val", val, seed, 1);
    },
  };
}

function* drawings(split: SplitName, count: number, seed: number, stream: number): Generator<SourceItem> {
  for (let i = 0; i < count; i++) {
    const label = i % shapeNames.length;
    const draw = () => drawShape(label, new Random(SHAPES, seed, stream, i));
    yield {
      name: `${split}/${shapeNames[label]}/${i}`,
      className: shapeNames[label],
      split,
      load: async (options) =>
        reducePlanes({ data: draw(), channels: 3, height: SHAPES_SIDE, width: SHAPES_SIDE }, options),
    };
  }
}
