import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegnetError } from "../errors.js";
import { buildModel } from "../families/build.js";
import { parseModelSpec } from "../families/model.js";
import { publishedModels } from "../families/published/index.js";
import type { Graph } from "../graph/graph.js";
import { initialise, type Tensors } from "../graph/initialise.js";
import { exportWeights } from "./exportWeights.js";
import { importWeights } from "./importWeights.js";
import type { Naming } from "./names/naming.js";
import { NameTemplate } from "./names/template.js";
import type { StoredTensor } from "./tensor.js";

type KeyTable = Record<string, [string, number[]][]>;
const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), "utf8")) as KeyTable;

function zeros(graph: Graph): Record<string, Float32Array> {
  return Object.fromEntries(
    graph.parameters.map(({ name, value }) => [name, new Float32Array(value.shape.reduce((a, b) => a * b, 1))]),
  );
}

/** Bytes, not elements one by one: these are millions. */
function expectSame(actual: Tensors, expected: Tensors): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    expect(Buffer.compare(bytes(actual[name]), bytes(values)), name).toBe(0);
  }
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

const shapesOf = (tensors: Record<string, StoredTensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, [...shape]]));

describe("names", () => {
  it.each([
    ["regnet_y_400mf", "regnet_y_400mf", "torchvision"],
    ["regnet_y_400mf", "regnet_y_400mf", "timm"],
    ["convnext_tiny", "convnext_tiny", "torchvision"],
    ["convnext_tiny", "convnext_tiny", "timm"],
    ["convnext_tiny", "convnext_tiny", "official"],
  ] as const)("%s of %s: keys and shapes of %s", (model, table, naming) => {
    const graph = buildModel(model);
    expect(shapesOf(exportWeights(graph, zeros(graph), naming))).toEqual(Object.fromEntries(golden(table)[naming]));
  });

  it.each([
    ["RegNetY-400MF", "pycls", golden("names").pycls],
    ["RegNetY-400MF", "hf", golden("names").hf],
    ["RegNetX-200MF", "hf", golden("names").hfX],
    ["convnext_tiny", "hf", golden("names").hfConvnext],
  ] as const)("%s: known keys of %s", (model, naming, keys) => {
    const graph = buildModel(model);
    expect(shapesOf(exportWeights(graph, zeros(graph), naming))).toMatchObject(Object.fromEntries(keys));
  });

  const models = [
    ...(["timm", "torchvision", "pycls", "hf"] as const).flatMap((naming) =>
      ["RegNetX-200MF", "RegNetY-200MF", "regnet_x_400mf"].map((model) => [model, naming] as const),
    ),
    ...(["timm", "torchvision", "hf", "official"] as const).map((naming) => ["convnext_atto", naming] as const),
    ["regnetz_005", "timm"] as const,
  ];
  it.each(models)("%s goes to %s and back, and is recognised", (model, naming) => {
    const graph = buildModel(model, { classes: 7 });
    const weights = initialise(graph, 1);
    const imported = importWeights(exportWeights(graph, weights, naming));
    expect(imported).toMatchObject({ naming, spec: publishedModels.find((m) => has(m, model))?.spec });
    expect(imported.options).toEqual({ channels: 3, classes: 7 });
    expectSame(imported.weights, weights);
  });

  it("any AnyNet goes out and comes back the same", () => {
    const stage = fc.record({ depth: fc.integer({ min: 1, max: 3 }), groups: fc.integer({ min: 1, max: 3 }) });
    const spec = fc.record({
      stages: fc.array(stage, { minLength: 1, maxLength: 4 }),
      se: fc.constantFrom(0, 0.25, 0.5),
      bottleneck: fc.constantFrom(0.5, 1, 2),
      channels: fc.integer({ min: 1, max: 4 }),
      naming: fc.constantFrom<Naming>("timm", "torchvision", "pycls", "hf"),
    });
    fc.assert(
      fc.property(spec, fc.nat(), ({ stages, se, bottleneck, channels, naming }, seed) => {
        const anynet = parseModelSpec({
          family: "anynet",
          se,
          stemWidth: 16,
          stages: stages.map(({ depth, groups }) => ({ depth, width: 8 * groups, groupWidth: 4, bottleneck })),
        });
        const graph = buildModel(anynet, { channels, classes: 2, resolution: 64 });
        const weights = initialise(graph, seed);
        const imported = importWeights(exportWeights(graph, weights, naming));
        expectSame(imported.weights, weights);
        const again = buildModel(imported.spec, { channels, classes: 2, resolution: 64 });
        expect(again.nodes.map(({ name, attributes }) => [name, attributes])).toEqual(
          graph.nodes.map(({ name, attributes }) => [name, attributes]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("gives pycls's first convolution blue, green, red", () => {
    const graph = buildModel("RegNetX-200MF");
    const weights = initialise(graph, 3);
    const stem = exportWeights(graph, weights, "pycls")["stem.conv.weight"].data as Float32Array;
    const ours = weights["stem.conv.weight"];
    expect([...stem.slice(0, 9)]).toEqual([...ours.slice(18, 27)]);
    expect([...stem.slice(36, 45)]).toEqual([...ours.slice(36, 45)]);
    expect([...stem.slice(45, 54)]).toEqual([...ours.slice(27, 36)]);
  });

  it("reads the 1×1 convolutions that timm's smaller ConvNeXts have in place of matrices", () => {
    const graph = buildModel("convnext_atto", { classes: 3 });
    const weights = initialise(graph, 1);
    const tensors = exportWeights(graph, weights, "timm");
    for (const [name, tensor] of Object.entries(tensors)) {
      if (/mlp\.fc[12]\.weight/.test(name)) tensors[name] = { ...tensor, shape: [...tensor.shape, 1, 1] };
    }
    expectSame(importWeights(tensors).weights, weights);
  });

  it("sees through the names of wrappers", () => {
    const graph = buildModel("RegNetX-200MF", { classes: 2 });
    const tensors = exportWeights(graph, initialise(graph, 1), "pycls");
    const wrapped = Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`module.${name}`, value]));
    expect(importWeights(wrapped)).toMatchObject({ naming: "pycls", name: "RegNetX-200MF" });
  });

  describe("refuses", () => {
    const graph = buildModel("RegNetX-200MF", { classes: 2 });
    const tensors = exportWeights(graph, zeros(graph), "torchvision");
    const refused = (changes: Record<string, StoredTensor | undefined>, spec?: string) => () => {
      const changed = Object.entries({ ...tensors, ...changes }).filter(([, value]) => value !== undefined);
      const model = spec ? publishedModels.find(({ name }) => name === spec)?.spec : undefined;
      importWeights(Object.fromEntries(changed) as Record<string, StoredTensor>, { model });
    };
    const scalar = { dtype: "F32", shape: [1], data: new Float32Array(1) } as const;

    it.each([
      ["a missing tensor", refused({ "stem.1.bias": undefined }), /missing 1 of 222 tensors.*stem\.bn\.bias/],
      ["a missing head", refused({ "fc.weight": undefined }), /missing head\.fc\.weight/],
      ["a missing stem", refused({ "stem.0.weight": undefined }), /missing convolution stem\.conv\.weight/],
      ["a tensor that is not the network's", refused({ "layer4.0.conv": scalar }), /has 1 others: "layer4\.0\.conv"/],
      ["another shape", refused({ "stem.1.bias": scalar }), /invalid shape of stem\.bn\.bias: got \[1\]/],
      ["integers", refused({ "fc.bias": { dtype: "I32", shape: [2], data: new Int32Array(2) } }), /type of head\.fc/],
      ["another network than asked for", refused({}, "RegNetY-200MF"), /missing .*s1\.b1\.se\.fc1\.weight/],
      ["nothing", () => importWeights({}), /missing weights: the file holds no tensors/],
      ["names of no one", () => importWeights({ a: scalar, b: scalar }), /unknown tensor names: "a", "b"; expected/],
    ])("%s", (_, act, message) => {
      expect(act).toThrow(RegnetError);
      expect(act).toThrow(message);
    });

    it("namings that have no such family", () => {
      const tiny = buildModel("convnext_atto");
      expect(() => exportWeights(tiny, zeros(tiny), "pycls")).toThrow(/unsupported naming "pycls" for a convnext/);
      expect(() => exportWeights(graph, zeros(graph), "official")).toThrow(/unsupported naming "official"/);
    });
  });
});

function has({ name, aliases }: { name: string; aliases: readonly string[] }, wanted: string): boolean {
  return name === wanted || aliases.includes(wanted);
}

describe("NameTemplate", () => {
  it("is its own inverse", () => {
    const template = new NameTemplate("block{s}.block{s}-{b-1}.x{2i+1}");
    fc.assert(
      fc.property(fc.nat(99), fc.integer({ min: 1, max: 99 }), fc.nat(99), (s, b, i) => {
        expect(template.match(template.fill({ s, b, i }))).toEqual({ s, b, i });
      }),
    );
  });

  it("wants repeated variables to agree and terms to be whole", () => {
    const template = new NameTemplate("block{s}.block{s}-{b-1}");
    expect(template.match("block1.block2-0")).toBeUndefined();
    expect(new NameTemplate("features.{2i}").match("features.3")).toBeUndefined();
    expect(template.match("block01.block01-0")).toBeUndefined();
  });
});
