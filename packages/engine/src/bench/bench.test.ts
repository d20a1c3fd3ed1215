import { anynet, differentiate } from "@regnet/core";
import { describe, expect, it } from "vitest";
import type { CompileOptions, Engine } from "../engine.js";
import { onnxruntime } from "../onnxruntime/index.js";
import { advise } from "./advice.js";
import { multiplyAdds, profileLayers } from "./layers.js";
import { measure } from "./measure.js";
import { ratio, summarise } from "./statistics.js";
import type { Workload } from "./workload.js";

const stage = { depth: 1, width: 24, groupWidth: 8 };
const model = { family: "anynet", stages: [stage], stemWidth: 8 } as const;
const workload: Workload = {
  model,
  options: { resolution: 16, classes: 5 },
  engine: "onnxruntime",
  precision: "fp32",
  batch: 2,
  train: false,
  threads: 1,
};

describe("statistics", () => {
  it("summarises times", () => {
    const timing = summarise([3, 1, 2]);
    expect(timing).toMatchObject({ runs: 3, mean: 2, deviation: 1, median: 2, min: 1, max: 3 });
    expect(timing.p99).toBeCloseTo(2.98);
    expect(summarise([4]).deviation).toBe(0);
    expect(() => summarise([])).toThrow(/invalid sample/);
  });

  it("propagates deviations into a ratio", () => {
    expect(ratio(summarise([2, 2]), summarise([4, 4]))).toEqual({ value: 2, deviation: 0 });
    expect(ratio(summarise([1, 3]), summarise([4, 4])).deviation).toBeCloseTo(2 * (Math.SQRT2 / 2));
  });
});

describe("layers", () => {
  const graph = differentiate(
    anynet({ stages: [stage], stemWidth: 8 }, { batch: 2, resolution: 16, classes: 5 }),
    { kind: "softmaxCrossEntropy" },
    undefined,
    { gradients: true },
  );
  const node = (name: string) => graph.nodes.find((candidate) => candidate.name === name)!;

  it("count as many multiply-adds in each gradient as forward", () => {
    const forward = 2 * 24 * 4 * 4 * 8 * 9;
    expect(multiplyAdds(node("s1.b1.conv2.conv"))).toBe(forward);
    expect(multiplyAdds(node("s1.b1.conv2.conv.dx"))).toBe(forward);
    expect(multiplyAdds(node("s1.b1.conv2.conv.dw"))).toBe(forward);
    expect(multiplyAdds(node("s1.b1.conv2.bn"))).toBeUndefined();
  });

  it("sum kernels by node, the slowest kernel first, and tell changes of layout apart", () => {
    const timing = { node: "s1.b1.conv2.conv", op: "conv2d", kernel: "jit", milliseconds: 3 };
    const [first, second] = profileLayers(graph, [
      { node: "stem.bn", op: "batchNormTraining", kernel: "bn", milliseconds: 2 },
      { ...timing, op: "reorder", kernel: "copy", milliseconds: 0.5 },
      { ...timing, milliseconds: 2 },
      { ...timing, op: "reorder", kernel: "copy", milliseconds: 0.5 },
      { ...timing, milliseconds: 1 },
    ]);
    expect(first).toMatchObject({ op: "conv2d", milliseconds: 4, reorders: 1, kernels: ["jit", "copy"] });
    expect(first.share).toBeCloseTo(4 / 6);
    expect(second.gigaflops).toBeUndefined();
  });

  it("give advice about reference kernels and changes of layout", async () => {
    const timings = [
      { node: "stem.conv", op: "conv2d", kernel: "ref:any", milliseconds: 5 },
      { node: "s1.b1.conv1.conv", op: "reorder", kernel: "copy", milliseconds: 5 },
    ];
    const advice = await advise(onnxruntime, graph, profileLayers(graph, timings), { threads: 1 });
    expect(advice.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^50 % of the time goes into reference kernels/),
      expect.stringMatching(/^50 % of the time goes into changes of layout/),
    ]);
  });

  it("measure group widths in the precision and with the provider of the network", async () => {
    const compiled: CompileOptions[] = [];
    const engine: Engine = {
      ...onnxruntime,
      compile: (probe, options = {}) => {
        compiled.push(options);
        return onnxruntime.compile(probe, { threads: options.threads });
      },
    };
    const timings = [{ node: "s1.b1.conv2.conv", op: "conv2d", kernel: "jit", milliseconds: 5 }];
    const options = { threads: 1, precision: "bf16", provider: "cpu" } as const;
    await advise(engine, graph, profileLayers(graph, timings), options);
    expect(compiled).toEqual([options, options]);
  });
});

describe("measure", () => {
  it("times inference and training", async () => {
    const inference = await measure(workload, { seconds: 0.01 });
    expect(inference.timing.runs).toBeGreaterThanOrEqual(5);
    expect(inference.timing.min).toBeGreaterThan(0);
    expect(inference.layers).toBeUndefined();
    const training = await measure({ ...workload, train: true }, { seconds: 0.01, profile: true });
    expect(training.layers?.some(({ node }) => node === "s1.b1.conv2.conv.dw")).toBe(true);
    expect(training.threads).toBe(1);
  });
});
