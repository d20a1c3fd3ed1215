import {
  type ActivationRange,
  buildModel,
  foldBatchNorm,
  GraphBuilder,
  quantisedValues,
  toQuantisedOnnx,
  type WeightedGraph,
} from "@regnet/core";
import { chooseEngine } from "@regnet/engine";
import { createLoader } from "../augment/createLoader.js";
import { augmentationSchema } from "../augment/schema.js";
import type { DataSet } from "../data/dataSet.js";
import { cardMetadata } from "./card.js";
import { openFor } from "./evaluate.js";
import { openNetwork, type StoredNetwork } from "./network.js";
import type { RunningOptions } from "./predictor.js";

/** What `quantise` is told. */
export interface QuantiseOptions extends RunningOptions {
  /** A run's folder, or an `.onnx` or `.safetensors` file with float32 weights. */
  readonly network: string | StoredNetwork;
  /** The data that the ranges of the activations are measured on: its training images. */
  readonly data: string | DataSet;
  /** Images looked at. Default 256. */
  readonly images?: number;
}

const BATCH = 16;

/**
 * Static int8 quantisation: the network as an ONNX file with QuantizeLinear and DequantizeLinear around its activations,
 * whose ranges are the mean over batches of the least and the greatest value. `load` and `evaluate` take the file.
 * @returns the ONNX file
 */
export async function quantise(options: QuantiseOptions): Promise<Uint8Array> {
  const network = typeof options.network === "string" ? openNetwork(options.network) : options.network;
  const { card } = network;
  const { resolution, channels, classes } = card;
  const graph = buildModel(card.model, { batch: BATCH, resolution, channels, classes: classes.length });
  const folded = foldBatchNorm({ graph, weights: network.weights() });
  const ranges = await measureRanges(folded, network, options);
  const metadata = { ...cardMetadata(card), "regnet.quantisation": "int8, static" };
  return toQuantisedOnnx(folded, { ranges, metadata });
}

async function measureRanges(
  { graph, weights }: WeightedGraph,
  { card }: StoredNetwork,
  { data, engine = "auto", threads, images = 256 }: QuantiseOptions,
): Promise<ReadonlyMap<number, ActivationRange>> {
  const dataSet = await openFor(data, card);
  const values = quantisedValues(graph);
  const builder = GraphBuilder.from(graph);
  for (const value of values) builder.output(`range:${value.id}`, value);
  const chosen = typeof engine === "string" ? chooseEngine(engine) : engine;
  const executable = await chosen.compile(builder.build(), { threads, state: weights });
  const steps = Math.max(1, Math.floor(Math.min(images, dataSet.splits.train.count) / BATCH));
  const { resolution, normalisation, crop } = card;
  const augmentation = augmentationSchema.parse({ evaluationCrop: crop });
  const common = { dataSet, split: "train", mode: "train", batch: BATCH, resolution } as const;
  const loader = createLoader({ ...common, augmentation, normalisation, steps, workers: 0 });
  const sums = new Map(values.map(({ id }) => [id, [0, 0] as [number, number]]));
  try {
    for await (const batch of loader) {
      executable.input("image").set(batch.images);
      await executable.run();
      for (const [id, sum] of sums) addRange(sum, executable.output(`range:${id}`), steps);
    }
  } finally {
    await loader.close();
    executable.dispose();
  }
  return sums;
}

function addRange(sum: [number, number], values: Float32Array, steps: number): void {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  sum[0] += low / steps;
  sum[1] += high / steps;
}
