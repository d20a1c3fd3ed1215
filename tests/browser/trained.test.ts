import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportNetwork } from "@regnet/core";
import { augmentationSchema, cardMetadata, createLoader, openDataSet, openNetwork, train } from "@regnet/train";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logitsInBrowser, type OpenPage, openPage } from "./open.js";

const BATCH = 16;
const resolution = 16;
const shape = [BATCH, 3, resolution, resolution];
const networks = {
  RegNetY: { family: "regnet", w0: 16, wa: 16, wm: 2, depth: 3, groupWidth: 8, se: 0.25, stem: "cifar" },
  ConvNeXt: { family: "convnext", depths: [1, 2], widths: [16, 32] },
} as const;
const names = Object.keys(networks) as (keyof typeof networks)[];

const folder = mkdtempSync(join(tmpdir(), "regnet-trained-"));
const files = new Map<string, Uint8Array>();
let images: Float32Array;
let opened: OpenPage;

beforeAll(async () => {
  const dataSet = await openDataSet("shapes:300", { resolution });
  const augmentation = augmentationSchema.parse({ crop: { kind: "padAndCrop" }, flip: 0.5 });
  const recipe = { base: "quick", batch: 32, learningRate: 0.1, referenceBatch: undefined, augmentation };
  const common = { data: dataSet, resolution, recipe, epochs: 3, threads: 1, workers: 0 };
  for (const name of names) {
    const { epochs } = await train({ ...common, model: networks[name], folder: join(folder, name) });
    expect(epochs[2].loss, `${name} has learnt something`).toBeLessThan(epochs[0].loss);
    files.set(`/${name}.onnx`, exported(join(folder, name)));
  }
  const evaluation = { dataSet, resolution, augmentation, split: "val", mode: "evaluate" } as const;
  const loader = createLoader({ ...evaluation, batch: BATCH, workers: 0 });
  images = (await loader.next())!.images.slice();
  await loader.close();
  opened = await openPage(files);
});
afterAll(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(names)("a trained %s answers as the engine that trained it", (name) => {
  it("in ONNX Runtime for Node", async () => {
    const session = await InferenceSession.create(files.get(`/${name}.onnx`)!);
    const { logits } = await session.run({ image: new Tensor("float32", images, shape) });
    expect(distance(logits.data as Float32Array, await ours(name))).toBeLessThan(1e-4);
  });

  it("in ONNX Runtime for the web, in a browser", async () => {
    const theirs = await logitsInBrowser(opened.page, `/${name}.onnx`, images, shape);
    expect(distance(theirs, await ours(name))).toBeLessThan(1e-4);
  });
});

/** What `regnet export RUN -o network.onnx` writes. */
function exported(run: string): Uint8Array {
  const network = openNetwork(run);
  const { model: spec, channels, classes } = network.card;
  const options = { resolution, channels, classes: classes.length };
  const content = { spec, options, weights: network.weights(), metadata: cardMetadata(network.card) };
  return exportNetwork(content, { format: "onnx", file: "network.onnx" })[0].bytes;
}

async function ours(name: string): Promise<Float32Array> {
  const predictor = await openNetwork(join(folder, name)).predictor(BATCH, { threads: 1 });
  const logits = (await predictor.predict(images)).slice();
  predictor.dispose();
  return logits;
}

/** The greatest difference, relative to the largest logit. */
function distance(these: ArrayLike<number>, those: Float32Array): number {
  expect(these).toHaveLength(those.length);
  const largest = those.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return those.reduce((worst, value, i) => Math.max(worst, Math.abs(value - these[i])), 0) / largest;
}
