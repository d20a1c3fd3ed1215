import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildModel,
  exportNetwork,
  exportWeights,
  initialise,
  type ModelSpec,
  type Naming,
  parseModelSpec,
  readSafetensors,
  type Tensors,
  toFloat32,
  writeSafetensors,
} from "@regnet/core";
import { expect, it } from "vitest";
import { RunLayout } from "../run/layout.js";
import { readRunSpec } from "../run/spec.js";
import { cardMetadata } from "../use/card.js";
import { findLearningRate } from "./finder.js";
import { fitWeights } from "./fineTune.js";
import type { FineTuneOptions, TrainOptions } from "./options.js";
import { temporaryFolder, tinyConvNeXt, tinyModel, tinyOptions } from "./testing/tiny.js";
import { train } from "./train.js";

const classes = 7;
const shapes = ["circle", "square", "triangle", "hexagon", "star", "cross", "ring", "crescent", "heart", "arrow"];
/** Whatever trains keeps its stem, so that the weights started from can be seen in the result. */
const kept = { model: undefined, epochs: 1 };
const squeezed = parseModelSpec({ ...tinyModel, se: 0.25 });

it.each<[Naming, ModelSpec]>([
  ["timm", squeezed],
  ["torchvision", squeezed],
  ["pycls", squeezed],
  ["hf", squeezed],
  ["official", tinyConvNeXt],
])("starts from a file with the names of %s, and knows the network from it", async (naming, spec) => {
  const graph = buildModel(spec, { classes, resolution: 16 });
  const weights = initialise(graph, 3);
  const file = join(temporaryFolder(), "weights.safetensors");
  writeFileSync(file, writeSafetensors(exportWeights(graph, weights, naming)));
  const { folder, notes } = await tune({ weights: file, freeze: 1 });
  const stem = spec.family === "convnext" ? "stem.0.weight" : "stem.conv.weight";
  expect(best(folder)[stem]).toEqual(weights[stem]);
  expect(best(folder)["head.fc.bias"]).toHaveLength(10);
  expect(notes[0]).toContain(`under ${naming}'s names`);
  expect(notes[0].includes("blue, green, red")).toBe(naming === "pycls");
  expect(notes).toContain("the head starts anew");
});

it("reads files of torch.save, and says where they hold no network", async () => {
  const file = new URL("../../../core/src/weights/golden/zip.pth", import.meta.url);
  await expect(tune({ weights: file.pathname })).rejects.toThrow(/zip\.pth: unknown tensor names/);
});

it.each([
  ["a RegNet", tinyModel, "s2.b1.conv3.conv.weight"],
  ["a ConvNeXt", tinyConvNeXt, "stages.0.blocks.0.mlp.fc1.weight"],
])("starts from an exported ONNX file, and from a run without being told its network: %s", async (_, model, frozen) => {
  const first = await tune(undefined, { model });
  const [file] = exportNetwork(
    {
      spec: model,
      options: { resolution: 16, channels: 3, classes: 10 },
      weights: best(first.folder),
      metadata: metadataOf(first.folder),
    },
    { format: "onnx", file: "network.onnx" },
  );
  const onnx = join(temporaryFolder(), "network.onnx");
  writeFileSync(onnx, file.bytes);
  for (const weights of [first.folder, onnx]) {
    const { folder, notes } = await tune({ weights, freeze: 3 });
    expect(readRunSpec(folder).model).toEqual(model);
    expect(notes).not.toContain("the head starts anew");
    expect(best(folder)[frozen]).toEqual(best(first.folder)[frozen]);
  }
});

it("keeps a head of the same classes only: by their names, where they have any", async () => {
  const graph = buildModel(tinyModel, { classes: 10, resolution: 16 });
  const weights = initialise(graph, 3);
  const from = (names: readonly string[]) => {
    const file = join(temporaryFolder(), "weights.safetensors");
    const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
    const size = { resolution: 16, channels: 3, crop: 1 } as const;
    const metadata = cardMetadata({ model: tinyModel, classes: [...names], normalisation, ...size });
    writeFileSync(file, writeSafetensors(exportWeights(graph, weights, "timm"), metadata));
    return tune({ weights: file });
  };
  expect((await from(shapes)).notes).toHaveLength(1);
  const unnamed = (await from(shapes.map((_, i) => String(i)))).notes;
  expect(unnamed.slice(1)).toEqual([expect.stringMatching(/^the head is kept: it has as many classes/)]);
  expect((await from([...shapes].reverse())).notes).toContain("the head starts anew");
});

it("leaves no run behind where the weights are of another network, missing or unreadable", async () => {
  const graph = buildModel(tinyConvNeXt, { classes, resolution: 16 });
  const file = join(temporaryFolder(), "other.safetensors");
  writeFileSync(file, writeSafetensors(exportWeights(graph, initialise(graph, 1), "timm")));
  const text = join(temporaryFolder(), "text.pth");
  writeFileSync(text, "no weights");
  for (const [weights, message] of [
    [file, /other\.safetensors: missing .* tensors of this convnext/],
    [text, /text\.pth: unsupported weights/],
    [join(temporaryFolder(), "nothing.pth"), /missing file .*nothing\.pth/],
    [temporaryFolder(), /is a folder/],
  ] as const) {
    const options = tinyOptions({ from: { weights } });
    await expect(train(options), weights).rejects.toThrow(message);
    expect(existsSync(options.folder), weights).toBe(false);
  }
  const values = best((await tune(undefined, { model: tinyModel })).folder);
  await expect(tune({ weights: values })).rejects.toThrow(/missing model; values alone/);
});

it("refuses weights that the network has no place for", () => {
  const graph = buildModel(tinyModel, { classes, resolution: 16 });
  const weights = initialise(graph, 1);
  const act = (given: Tensors) => () => fitWeights(given, graph, false, () => {});
  expect(act({ ...weights, "s3.b1.conv1.conv.weight": new Float32Array(8) })).toThrow(/unknown weights s3\.b1/);
  const { "stem.bn.weight": _, ...rest } = weights;
  expect(act(rest)).toThrow(/missing weights of stem\.bn\.weight/);
  expect(act({ ...weights, "stem.bn.weight": new Float32Array(9) })).toThrow(
    /got 9, expected 8 values for shape \[8\]/,
  );
});

it("searches the learning rate from the weights to start from", async () => {
  const weights: Record<string, Float32Array> = initialise(buildModel(tinyModel, { classes: 10, resolution: 16 }), 1);
  weights["head.fc.bias"] = Float32Array.from({ length: 10 }, (_, i) => (i === 0 ? 100 : 0));
  const { folder: _, ...options } = tinyOptions();
  const { curve } = await findLearningRate({ ...options, from: { weights } });
  expect(curve[0].loss).toBeGreaterThan(50);
});

async function tune(from: FineTuneOptions | undefined, changes: Partial<TrainOptions> = {}) {
  const options = tinyOptions({ ...kept, from, ...changes });
  const notes: string[] = [];
  await train(options, { onNote: (note) => notes.push(note) });
  return { folder: options.folder, notes };
}

function best(folder: string): Record<string, Float32Array> {
  const { tensors } = readSafetensors(readFileSync(new RunLayout(folder).best));
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]));
}

function metadataOf(folder: string): Record<string, string> {
  return { ...readSafetensors(readFileSync(new RunLayout(folder).best)).metadata };
}
