import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { buildModel, initialise, toOnnx } from "@regnet/core";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { Image } from "../data/image.js";
import { openDataSet } from "../data/open.js";
import { writeClassFolders, writeNoise } from "../data/testing/folders.js";
import { readRun } from "../run/read.js";
import { temporaryFolder, tinyOptions } from "../trainer/testing/tiny.js";
import { train } from "../trainer/train.js";
import { cardMetadata, networkCard } from "./card.js";
import { evaluate } from "./evaluate.js";
import { load } from "./load.js";
import { openNetwork } from "./network.js";
import { quantise } from "./quantise.js";
import { saliencyPicture } from "./saliencyPicture.js";

const portable = { engine: "onnxruntime", threads: 1 } as const;
const options = tinyOptions({ epochs: 2 });
const onnx = join(temporaryFolder(), "network.onnx");
const picture = join(temporaryFolder(), "picture.png");

beforeAll(async () => {
  await train(options);
  const { spec, weights } = readRun(options.folder);
  const graph = buildModel(spec.model, { resolution: 16, classes: spec.classes.length });
  writeFileSync(onnx, toOnnx(graph, { weights: weights(), metadata: cardMetadata(networkCard(spec)) }));
  await sharp({ create: { width: 50, height: 30, channels: 3, background: "#c04020" } })
    .png()
    .toFile(picture);
});

describe("evaluate", () => {
  it("finds what the training found, from the run as from the ONNX file", async () => {
    const { best } = readRun(options.folder);
    for (const network of [options.folder, onnx]) {
      const evaluation = await evaluate({ network, data: "shapes:100", batch: 8, ...portable });
      expect(evaluation.images).toBe(20);
      expect(evaluation.top1).toBe(best?.top1);
      expect(evaluation.loss).toBeCloseTo(best?.valLoss ?? Number.NaN, 4);
    }
  });

  it("counts every image once, by its class", async () => {
    const { confusion, classes, balancedAccuracy, top1 } = await evaluate({
      ...{ network: options.folder, data: "shapes:100", ...portable },
    });
    expect(classes.map(({ images }) => images)).toEqual(new Array(10).fill(2));
    expect(confusion.flat().reduce((a, b) => a + b)).toBe(20);
    expect(balancedAccuracy).toBeCloseTo(top1, 12);
  });

  it("says where the images are no longer those that the run was trained on", async () => {
    const divided = { "train/a": 4, "train/b": 4, "val/a": 1, "val/b": 1 };
    for (const [folders, doubt] of [
      [{ a: 8, b: 8 }, /divided anew and val may hold training images/],
      [divided, /figures are of other images/],
    ] as const) {
      const data = temporaryFolder();
      await writeClassFolders(data, folders);
      const run = tinyOptions({ data, epochs: 1, batch: 4 });
      await train(run);
      expect((await evaluate({ network: run.folder, ...portable })).notes).toEqual([]);
      await writeNoise(join(data, Object.keys(folders)[0], "new.png"), 100);
      const { notes } = await evaluate({ network: run.folder, ...portable });
      expect(notes).toEqual([expect.stringMatching(doubt)]);
    }
  });

  it("says which part of undivided images it took, and takes all on request", async () => {
    const data = temporaryFolder();
    await writeClassFolders(data, { circle: 10, square: 5 });
    const network = openNetwork(options.folder);
    const known = {
      ...network,
      card: { ...network.card, classes: ["circle", "square", ...network.card.classes.slice(2)] },
    };
    const part = await evaluate({ network: known, data, ...portable });
    expect(part.images).toBe(3);
    expect(part.notes).toEqual([expect.stringMatching(/these are the 3 of its 15 images .* --split all takes all/)]);
    const whole = await evaluate({ network: known, data, split: "all", ...portable });
    expect(whole).toMatchObject({ images: 15, notes: [] });
    expect(whole.classes.slice(0, 2).map(({ images }) => images)).toEqual([10, 5]);
  });

  it("takes single images of a class on request, of which none would be held out", async () => {
    const data = temporaryFolder();
    await writeClassFolders(data, { a: 1, b: 1 });
    const network = openNetwork(options.folder);
    const known = { ...network, card: { ...network.card, classes: ["a", "b", ...network.card.classes.slice(2)] } };
    await expect(evaluate({ network: known, data, ...portable })).rejects.toThrow(/missing val images .*--split all/);
    expect((await evaluate({ network: known, data, split: "all", ...portable })).images).toBe(2);
  });

  it("names a class that the network does not know", async () => {
    const dataSet = await openDataSet("shapes:100", { resolution: 16 });
    const strange = { ...openNetwork(options.folder) };
    const card = { ...strange.card, classes: ["a", ...strange.card.classes.slice(1)] };
    const network = { ...strange, card };
    await expect(evaluate({ network, data: dataSet, ...portable })).rejects.toThrow(/unknown class/);
  });
});

describe("load", () => {
  it("classifies an image the same from the run and from the ONNX file", async () => {
    const [run, file] = [await load(options.folder, portable), await load(onnx)];
    const [a, b] = [await run.classify(picture, 10), await file.classify(picture, 10)];
    expect(a.map(({ name }) => name)).toEqual(b.map(({ name }) => name));
    for (const [i, { probability }] of a.entries()) expect(probability).toBeCloseTo(b[i].probability, 5);
    expect(a.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect((await run.classify(picture, 3)).length).toBe(3);
    run.dispose();
    file.dispose();
  });

  it("explains by Grad-CAM: feature maps weighted by the classifier's own weights", async () => {
    const classifier = await load(onnx, portable);
    const map = await classifier.explain(picture, 4);
    expect([map.label, map.height, map.width]).toEqual([4, 2, 2]);
    expect(Math.max(...map.values)).toBeLessThanOrEqual(1);
    expect(Math.min(...map.values)).toBeGreaterThanOrEqual(0);
    const png = await saliencyPicture(picture, map, classifier.card);
    expect(await sharp(png).metadata()).toMatchObject({ format: "png", width: 448, height: 448 });
    classifier.dispose();
  });

  it.each([
    ["a run on ONNX Runtime", options.folder, portable],
    ["a run on this machine's engine", options.folder, {}],
    ["an ONNX file", onnx, {}],
  ])("answers calls that overlap as if they came one by one: %s", async (_, source, running) => {
    const classifier = await load(source, running);
    const pictures = ["#f00", "#0f0", "#00f", "#fff", "#000"].map(plain);
    const each = [];
    for (const one of pictures) each.push([await classifier.classify(one, 10), await classifier.explain(one)]);
    const [classified, broken, explained] = await Promise.all([
      Promise.all(pictures.map((one) => classifier.classify(one, 10))),
      classifier.classify({ ...plain("#888"), data: undefined as never }).catch(() => "refused"),
      Promise.all(pictures.map((one) => classifier.explain(one))),
    ]);
    expect(pictures.map((_, i) => [classified[i], explained[i]])).toEqual(each);
    expect(new Set(each.map((one) => JSON.stringify(one[0]))).size).toBe(pictures.length);
    expect(broken).toBe("refused");
    classifier.dispose();
  });

  it("frees the network after the calls under way", async () => {
    const classifier = await load(options.folder, portable);
    const explained = classifier.explain(plain("#f00"));
    await setImmediate();
    classifier.dispose();
    expect((await explained).values).toHaveLength(4);
    await expect(classifier.classify(plain("#f00"))).rejects.toThrow(/after dispose/);
  });

  it("says what a file lacks", async () => {
    const bare = join(temporaryFolder(), "bare.onnx");
    const graph = buildModel(readRun(options.folder).spec.model, { resolution: 16, classes: 10 });
    writeFileSync(bare, toOnnx(graph, { weights: initialise(graph, 0) }));
    await expect(load(bare)).rejects.toThrow(/missing classes and normalisation/);
    await expect(load(picture)).rejects.toThrow(/expected a run's folder, an .onnx or a .safetensors file/);
    await expect(load("nowhere")).rejects.toThrow(/missing network nowhere/);
    const text = join(temporaryFolder(), "text.png");
    writeFileSync(text, "no image");
    const classifier = await load(options.folder, portable);
    await expect(classifier.classify(text)).rejects.toThrow(/not an image/);
    classifier.dispose();
  });
});

describe("quantise", () => {
  it("writes an int8 network whose probabilities are near the float one's", async () => {
    const path = join(temporaryFolder(), "int8.onnx");
    writeFileSync(path, await quantise({ network: onnx, data: "shapes:100", images: 64, ...portable }));
    const [float, int8] = [await load(onnx), await load(path)];
    const [a, b] = [await float.classify(picture, 10), await int8.classify(picture, 10)];
    const probability = (name: string) => b.find((one) => one.name === name)?.probability;
    for (const { name, probability: expected } of a) expect(probability(name)).toBeCloseTo(expected, 1);
    expect(b).not.toEqual(a);
    await expect(int8.explain(picture)).rejects.toThrow(/unsupported saliency/);
    float.dispose();
    int8.dispose();
  });
});

/** An image of one colour, `#rgb`. */
function plain(colour: string): Image {
  const data = [...colour.slice(1)].flatMap((digit) => new Array<number>(400).fill(17 * Number.parseInt(digit, 16)));
  return { data: Uint8Array.from(data), channels: 3, height: 20, width: 20 };
}
