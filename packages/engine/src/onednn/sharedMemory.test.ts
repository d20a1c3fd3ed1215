import { differentiate, type Graph, GraphBuilder, op, size, type Value } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { expectWithin, worstDifference } from "../testing/contract/compare.js";
import { evaluate } from "../testing/index.js";
import { compileHere } from "./compile.js";

const placewise = { stride: 1, padding: 0, groups: 1 };
const noise = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(seed * (i + 1)) / 2);

function weight(builder: GraphBuilder, name: string, shape: readonly number[]): Value {
  return builder.parameter(name, shape, "weight", { kind: "constant", value: 0 });
}

function convolution(builder: GraphBuilder, x: Value, name: string): Value {
  return builder.one(op.conv2d, [x, weight(builder, `${name}.weight`, [16, 16, 1, 1])], placewise, name);
}

function filled(values: readonly { readonly name: string; readonly value: Value }[], seed: number) {
  return Object.fromEntries(values.map(({ name, value }, i) => [name, noise(size(value.shape), seed + i)]));
}

/** Runs a graph twice from the same state and compares with the reference. */
async function expectRight(graph: Graph): Promise<void> {
  const [inputs, state] = [filled(graph.inputs, 1.3), filled(graph.parameters, 2.7)];
  const wanted = evaluate(graph, inputs, state);
  const executable = compileHere(graph, { threads: 1, state });
  for (let run = 0; run < 2; run++) {
    for (const [name, values] of Object.entries(state)) executable.write(name, values);
    for (const [name, values] of Object.entries(inputs)) executable.input(name).set(values);
    await executable.run();
    for (const { name } of graph.outputs)
      expectWithin(name, worstDifference(executable.output(name), wanted.outputs[name]), 1e-4);
    for (const { parameter } of graph.updates)
      expectWithin(parameter, worstDifference(executable.read(parameter), wanted.state[parameter]), 1e-4);
  }
  executable.dispose();
}

describe("memory that several values share", () => {
  it("is not added to while the gradient of a batch norm with its ReLU has yet to read it", async () => {
    const builder = new GraphBuilder(2);
    const shared = convolution(builder, builder.input("image", [2, 16, 6, 6]), "shared");
    const scales = ["gamma", "beta"].map((name) => weight(builder, name, [16]));
    const statistics = ["mean", "variance"].map((name) =>
      builder.parameter(name, [16], "statistic", { kind: "constant", value: 1 }),
    );
    const inner = convolution(builder, shared, "inner");
    const norm = builder.one(op.batchNorm, [inner, ...scales, ...statistics], { epsilon: 1, momentum: 0.1 }, "norm");
    const beside = convolution(builder, shared, "beside");
    const relu = builder.one(op.relu, [norm], {}, "relu");
    const sum = builder.one(op.add, [relu, shared], {}, "sum");
    const all = builder.one(op.add, [sum, builder.one(op.silu, [beside], {}, "silu")], {}, "all");
    const pooled = builder.one(op.globalAveragePool, [all], {}, "pool");
    builder.output("logits", builder.one(op.reshape, [pooled], { shape: [16] }, "logits"));
    await expectRight(differentiate(builder.build(), { kind: "softmaxCrossEntropy" }, undefined, { gradients: true }));
  });

  it.each(["a later convolution reads", "is an output"])(
    "is not added to by a name where under another it %s",
    async (use) => {
      const builder = new GraphBuilder(1);
      const x = builder.input("image", [1, 16, 6, 6]);
      const first = convolution(builder, x, "first");
      const alias = builder.one(op.dropPath, [first], { rate: 0.1 }, "drop");
      builder.output("sum", builder.one(op.add, [convolution(builder, x, "second"), alias], {}, "sum"));
      builder.output("other", use === "is an output" ? first : convolution(builder, first, "third"));
      await expectRight(builder.build());
    },
  );

  it("is not overwritten by an update while a reshaped parameter is yet to be read", async () => {
    const builder = new GraphBuilder(2);
    const x = builder.input("x", [2, 8]);
    const [bias, velocity] = ["bias", "velocity"].map((name) => weight(builder, name, [2, 8]));
    const reshaped = builder.one(op.reshape, [bias], { shape: [8] }, "reshaped");
    const settings = { momentum: 0.9, nesterov: false, weightDecay: 0 };
    const results = builder.apply(op.sgd, [bias, x, velocity, builder.input("rate", [1])], settings, "step");
    builder.output("both", builder.one(op.add, [reshaped, results[0]], {}, "both"));
    for (const [i, parameter] of builder.build().parameters.entries()) builder.update(parameter, results[i]);
    await expectRight(builder.build());
  });
});

describe("what is made of parameters alone", () => {
  it("is added to anew in every run", async () => {
    const builder = new GraphBuilder(1);
    const x = builder.input("image", [1, 16, 6, 6]);
    const position = weight(builder, "position", [1, 16, 6, 6]);
    builder.output("onto", builder.one(op.add, [convolution(builder, x, "first"), position], {}, "onto"));
    builder.output("added", builder.one(op.add, [convolution(builder, position, "second"), x], {}, "added"));
    await expectRight(builder.build());
  });

  it("is there again after an input that was no number", async () => {
    const builder = new GraphBuilder(1);
    const x = builder.input("x", [1, 4]);
    builder.output("y", builder.one(op.relu, [x], {}, "relu"));
    builder.output("fixed", builder.one(op.relu, [weight(builder, "weight", [1, 4])], {}, "fixed"));
    const executable = compileHere(builder.build(), { threads: 1, state: { weight: Float32Array.of(1, -1, 2, 0) } });
    for (const [value, wanted] of [
      [1, [1, 0, 2, 0]],
      [Number.NaN, Array(4).fill(Number.NaN)],
      [1, [1, 0, 2, 0]],
    ] as const) {
      executable.input("x").fill(value);
      await executable.run();
      expect([...executable.output("fixed")]).toEqual(wanted);
    }
    executable.dispose();
  });
});
