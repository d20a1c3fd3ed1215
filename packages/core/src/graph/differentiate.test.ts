import { describe, expect, it } from "vitest";
import { anynet } from "../families/anynet.js";
import { convnext } from "../families/convnext.js";
import { differentiate } from "./differentiate.js";
import { size } from "./graph.js";
import { initialise } from "./initialise.js";

const tiny = anynet(
  { stages: [{ depth: 2, width: 16, groupWidth: 8 }], se: 0.25, stem: "cifar", stemWidth: 8 },
  { batch: 4, resolution: 8, classes: 5 },
);
const sgd = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 } as const;
const loss = { kind: "softmaxCrossEntropy" } as const;

describe("differentiate", () => {
  it("updates every weight, its velocity and the running statistics", () => {
    const training = differentiate(tiny, loss, sgd);
    const updated = training.updates.map(({ parameter }) => parameter).sort();
    const weights = tiny.parameters.filter(({ role }) => role === "weight").map(({ name }) => name);
    const statistics = tiny.parameters.filter(({ role }) => role === "statistic").map(({ name }) => name);
    expect(updated).toEqual([...weights, ...weights.map((name) => `velocity:${name}`), ...statistics].sort());
    expect(training.inputs.map(({ name }) => name)).toEqual(["image", "target", "learningRate"]);
    expect(training.outputs.map(({ name }) => name)).toEqual(["loss", "logits"]);
  });

  it("computes no gradient for the image", () => {
    const training = differentiate(tiny, loss, sgd);
    expect(training.nodes.some(({ name }) => name === "stem.conv.dw")).toBe(true);
    expect(training.nodes.some(({ name }) => name === "stem.conv.dx")).toBe(false);
  });

  it("leaves a frozen prefix in inference mode and sends no gradient into it", () => {
    const frozen = (name: string) => name.startsWith("stem") || name.startsWith("s1.b1");
    const training = differentiate(tiny, loss, sgd, { frozen });
    expect(training.updates.some(({ parameter }) => frozen(parameter))).toBe(false);
    expect(training.nodes.filter(({ op }) => op === "batchNorm").map(({ name }) => name)).toContain("stem.bn");
    expect(training.nodes.some(({ name }) => name.startsWith("s1.b1") && name.endsWith(".dw"))).toBe(false);
  });

  it.each(["weight", "bias"])("follows the statistics of batch norms whose %s alone is frozen", (part) => {
    const frozen = (name: string) => name.endsWith(`bn.${part}`);
    const updated = differentiate(tiny, loss, sgd, { frozen }).updates.map(({ parameter }) => parameter);
    const all = differentiate(tiny, loss, sgd).updates.map(({ parameter }) => parameter);
    expect(updated).toEqual(all.filter((name) => !frozen(name)));
    expect(updated).toContain("stem.bn.running_mean");
  });

  it("refuses to train nothing", () => {
    expect(() => differentiate(tiny, loss, sgd, { frozen: () => true })).toThrow(/nothing is left to train/);
  });

  it("exposes gradients of the weights' shapes", () => {
    const training = differentiate(tiny, loss, undefined, { gradients: true });
    for (const { name, value, role } of tiny.parameters) {
      const output = training.outputs.find((candidate) => candidate.name === `gradient:${name}`);
      if (role === "weight") expect(output?.value.shape).toEqual(value.shape);
      else expect(output).toBeUndefined();
    }
    expect(training.updates).toEqual([]);
  });

  it("keeps moving averages that start as copies", () => {
    const training = differentiate(tiny, loss, sgd, { average: true });
    const state = initialise(training, 7);
    expect(state["ema:stem.conv.weight"]).toEqual(state["stem.conv.weight"]);
    expect(training.inputs.map(({ name }) => name)).toContain("averageShare");
    expect(training.updates.map(({ parameter }) => parameter)).toContain("ema:stem.bn.running_var");
  });

  it("takes drop-path masks as inputs and AdamW's step", () => {
    const graph = convnext(
      { depths: [2, 1], widths: [8, 16], dropPath: 0.2 },
      { batch: 2, resolution: 16, classes: 3 },
    );
    const training = differentiate(graph, loss, { kind: "adamw", weightDecay: 0.05 }, { clipNorm: 1 });
    const names = training.inputs.map(({ name }) => name);
    expect(names).toEqual([
      "image",
      "dropPath:stages.0.blocks.1.drop_path",
      "dropPath:stages.1.blocks.0.drop_path",
      "target",
      "learningRate",
      "step",
    ]);
    expect(training.nodes.filter(({ op }) => op === "gradientClip")).toHaveLength(1);
  });
});

describe("initialise", () => {
  it("gives a parameter the same values whatever else the graph holds", () => {
    const alone = initialise(tiny, 3);
    const together = initialise(differentiate(tiny, loss, sgd), 3);
    expect(together["s1.b2.conv2.conv.weight"]).toEqual(alone["s1.b2.conv2.conv.weight"]);
    expect(initialise(tiny, 4)["stem.conv.weight"]).not.toEqual(alone["stem.conv.weight"]);
  });

  it("draws convolutions with the authors' standard deviation √(2 / (k²·outputs))", () => {
    const wide = anynet({ stages: [{ depth: 1, width: 256, groupWidth: 16 }] }, { resolution: 32 });
    const values = initialise(wide, 1)["s1.b1.conv2.conv.weight"];
    const std = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(values.length).toBe(size([256, 16, 3, 3]));
    expect(std / Math.sqrt(2 / (9 * 256))).toBeCloseTo(1, 1);
  });
});
