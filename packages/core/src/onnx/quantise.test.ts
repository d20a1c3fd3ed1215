import { fromBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { linear } from "../graph/ops/index.js";
import { ModelProtoSchema } from "./onnx.gen.js";
import { toQuantisedOnnx } from "./quantise.js";

it.each([
  ["of usual weights", 1, 0.1],
  ["of weights of 0 beside a tiny range", 1e-9, 0],
  ["beside a range and weights that are tiny", 1e-6, 1e-8],
])("keeps a bias %s", (_, range, weight) => {
  const builder = new GraphBuilder(1);
  const x = builder.input("x", [1, 2]);
  const kernel = builder.parameter("kernel", [2, 2], "weight", { kind: "constant", value: 0 });
  const bias = builder.parameter("bias", [2], "weight", { kind: "constant", value: 0 });
  builder.output("y", builder.one(linear, [x, kernel, bias], {}, "y"));
  const weights = { kernel: new Float32Array(4).fill(weight), bias: Float32Array.of(-3, 700) };
  const ranges = new Map([[x.id, [0, range] as const]]);
  const { graph } = fromBinary(ModelProtoSchema, toQuantisedOnnx({ graph: builder.build(), weights }, { ranges }));
  const bytes = (name: string) => graph!.initializer.find((one) => one.name === name)!.rawData.slice().buffer;
  const [steps, scales] = [new Int32Array(bytes("bias:int32")), new Float32Array(bytes("bias:scale"))];
  for (const [c, value] of weights.bias.entries()) expect(steps[c] * scales[c]).toBeCloseTo(value, 3);
});

it("keeps two products within 16 bits, whatever the weights", () => {
  const builder = new GraphBuilder(1);
  const x = builder.input("x", [1, 4]);
  const kernel = builder.parameter("kernel", [1, 4], "weight", { kind: "constant", value: 0 });
  builder.output("y", builder.one(linear, [x, kernel], {}, "y"));
  const weights = { kernel: Float32Array.of(1e-3, -9, 9, 0) };
  const ranges = new Map([[x.id, [0, 1] as const]]);
  const { graph } = fromBinary(ModelProtoSchema, toQuantisedOnnx({ graph: builder.build(), weights }, { ranges }));
  const stored = new Int8Array(graph!.initializer.find(({ name }) => name === "kernel:int8")!.rawData.slice().buffer);
  expect([...stored]).toEqual([0, -64, 64, 0]);
  expect(255 * (Math.abs(stored[1]) + Math.abs(stored[2]))).toBeLessThan(2 ** 15);
});
