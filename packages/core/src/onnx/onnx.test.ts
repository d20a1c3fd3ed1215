import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegnetError } from "../errors.js";
import { convnext } from "../families/convnext.js";
import { regnet } from "../families/regnet.js";
import { GraphBuilder } from "../graph/builder.js";
import { initialise } from "../graph/initialise.js";
import { add, relu } from "../graph/ops/index.js";
import { ModelProtoSchema } from "./onnx.gen.js";
import { readOnnx } from "./readOnnx.js";
import { toOnnx } from "./toOnnx.js";

const tiny = () =>
  regnet({ w0: 8, wa: 8, wm: 2, depth: 3, groupWidth: 8, se: 0.25 }, { resolution: 32, classes: 5, stemWidth: 8 });

function updating() {
  const builder = new GraphBuilder(2);
  const x = builder.input("x", [2, 3]);
  const state = builder.parameter("state", [2, 3], "weight", { kind: "constant", value: 0 });
  const sum = builder.one(add, [x, state], {}, "sum");
  builder.output("y", sum);
  builder.output("same", sum);
  builder.output("state", state);
  builder.output("z", builder.one(relu, [sum], {}, "relu"));
  const { parameters } = builder.build();
  builder.update(parameters[0], sum);
  return builder.build();
}

describe("toOnnx", () => {
  it("writes inputs with a symbolic batch, every parameter and every output", () => {
    const graph = tiny();
    const weights = initialise(graph, 0);
    const model = fromBinary(ModelProtoSchema, toOnnx(graph, { weights, metadata: { classes: '["a"]' } }));
    expect(model.opsetImport[0].version).toBe(17n);
    const stored = new Map(model.graph?.initializer.map((tensor) => [tensor.name, tensor]));
    for (const { name, value } of graph.parameters) {
      const tensor = stored.get(name)!;
      expect(tensor.dims.map(Number)).toEqual([...value.shape]);
      expect(new Float32Array(tensor.rawData.slice().buffer)).toEqual(weights[name]);
    }
    const names = model.graph?.node.flatMap((node) => node.output) ?? [];
    expect(new Set(names).size).toBe(names.length);
  });

  it("is read again by readOnnx", () => {
    const graph = tiny();
    const file = toOnnx(graph, { weights: initialise(graph, 0), metadata: { mean: "[0.5]", size: "32" } });
    expect(readOnnx(file)).toEqual({
      producer: "regnet",
      opset: 17,
      inputs: [{ name: "image", shape: ["batch", 3, 32, 32] }],
      outputs: [{ name: "logits", shape: ["batch", 5] }],
      metadata: { mean: "[0.5]", size: "32" },
    });
  });

  it("writes the batch of the graph when asked to", () => {
    const graph = convnext({ depths: [1], widths: [8] }, { batch: 3, resolution: 32, classes: 2 });
    const file = toOnnx(graph, { weights: initialise(graph, 0), batch: "static" });
    expect(readOnnx(file).inputs).toEqual([{ name: "image", shape: [3, 3, 32, 32] }]);
  });

  it("writes state as inputs and its next values as outputs", () => {
    const summary = readOnnx(toOnnx(updating(), { parameters: "inputs", updates: true }));
    expect(summary.inputs.map(({ name }) => name)).toEqual(["x", "state"]);
    expect(summary.outputs.map(({ name }) => name)).toEqual(["y", "same", "state", "z", "next:state"]);
  });

  it("writes inputs and results as they are where images are interleaved", () => {
    const builder = new GraphBuilder(2);
    const x = builder.input("x", [2, 3, 4, 5]);
    const y = builder.one(relu, [x], {}, "y");
    builder.output("relu", y);
    builder.output("again", y);
    builder.output("sum", builder.one(add, [x, y], {}, "sum"));
    const model = fromBinary(ModelProtoSchema, toOnnx(builder.build(), { forCpuTraining: true }));
    const made = new Map(model.graph?.node.map((node) => [node.output[0], node.opType]));
    expect(["relu", "again", "sum"].map((name) => made.get(name))).toEqual(["Transpose", "Identity", "Transpose"]);
    expect(readOnnx(toOnnx(builder.build(), { forCpuTraining: true }))).toMatchObject({
      inputs: [{ name: "x", shape: [2, 3, 4, 5] }],
      outputs: [{ shape: [2, 3, 4, 5] }, { shape: [2, 3, 4, 5] }, { shape: [2, 3, 4, 5] }],
    });
    expect(() => toOnnx(builder.build(), { forCpuTraining: true, batch: "symbolic" })).toThrow(/invalid batch/);
  });

  it("refuses weights that are missing or do not fit", () => {
    const graph = tiny();
    const weights = initialise(graph, 0);
    expect(() => toOnnx(graph)).toThrow(/missing weights of stem\.conv\.weight/);
    expect(() => toOnnx(graph, { weights: { ...weights, "head.fc.bias": new Float32Array(4) } })).toThrow(
      /invalid weights of head\.fc\.bias: got 4, expected 5 values/,
    );
    expect(() => toOnnx(graph, { weights, batch: "symbolic", updates: true })).toThrow(/invalid batch/);
  });
});

describe("readOnnx", () => {
  it("refuses bytes that are no model", () => {
    expect(() => readOnnx(new Uint8Array())).toThrow("corrupt ONNX file: it has no graph");
    expect(() => readOnnx(new TextEncoder().encode("no model at all"))).toThrow(RegnetError);
  });

  it("throws nothing but RegnetError for damaged files", () => {
    const graph = tiny();
    const file = toOnnx(graph, { weights: initialise(graph, 0) });
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(255), fc.nat(file.length), (at, value, length) => {
        const damaged = file.slice(0, length);
        if (at < damaged.length) damaged[at] = value;
        try {
          readOnnx(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(RegnetError);
        }
      }),
    );
  });
});
