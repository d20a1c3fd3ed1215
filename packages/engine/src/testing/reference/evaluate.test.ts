import { anynet, convnext, differentiate, type Graph, initialise, ops, size } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { evaluate, referenceOps } from "./evaluate.js";

const loss = { kind: "softmaxCrossEntropy", labelSmoothing: 0.1 } as const;
const nets: Record<string, Graph> = {
  "RegNetY with silu": anynet(
    { stages: [{ depth: 2, width: 8, groupWidth: 4 }], se: 0.25, stem: "cifar", stemWidth: 4, activation: "silu" },
    { batch: 2, resolution: 5, classes: 3 },
  ),
  ConvNeXt: convnext(
    { depths: [1, 1], widths: [4, 6], stem: "cifar", layerScale: 0.5 },
    { batch: 2, resolution: 6, classes: 3 },
  ),
};

function feeds(graph: Graph): Record<string, Float64Array> {
  return Object.fromEntries(
    graph.inputs.map(({ name, value }) => [
      name,
      Float64Array.from({ length: size(value.shape) }, (_, i) =>
        name === "target" ? Number(i % 3 === 1) : Math.sin(1.7 * i),
      ),
    ]),
  );
}

/** Each gradient that the graph has, at one place. */
function expectSlopes(graph: Graph): void {
  const inputs = feeds(graph);
  const state = initialise(graph, 5);
  const { outputs } = evaluate(graph, inputs, state);
  const step = 1e-5;
  for (const { name, value } of graph.parameters) {
    const gradient = outputs[`gradient:${name}`];
    if (!gradient) continue;
    const at = Math.floor(size(value.shape) / 2);
    const lossAt = (change: number) => {
      const moved = Float64Array.from(state[name]);
      moved[at] += change;
      return evaluate(graph, inputs, { ...state, [name]: moved }).outputs.loss[0];
    };
    const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
    expect(Math.abs(gradient[at] - slope), name).toBeLessThan(1e-8 + 1e-5 * Math.abs(slope));
  }
}

describe("the float64 reference", () => {
  it("knows every op", () => {
    expect([...referenceOps].sort()).toEqual([...ops.keys()].sort());
  });

  it.each(Object.entries(nets))("gradients of %s agree with finite differences", (_, net) => {
    expectSlopes(differentiate(net, loss, undefined, { gradients: true }));
  });

  it("gradients around batch norms whose weights alone are frozen agree with finite differences", () => {
    const frozen = (name: string) => name.endsWith("bn.weight");
    const graph = differentiate(nets["RegNetY with silu"], loss, undefined, { gradients: true, frozen });
    expect(graph.outputs.some(({ name }) => name === "gradient:stem.bn.bias")).toBe(true);
    expectSlopes(graph);
  });

  it("names what is missing or of the wrong size", () => {
    const graph = nets.ConvNeXt;
    expect(() => evaluate(graph, {}, initialise(graph, 1))).toThrow(/missing input image/);
    expect(() => evaluate(graph, { image: [1] }, initialise(graph, 1))).toThrow(
      /invalid input image: got 1 elements, expected shape \[2,3,6,6\]/,
    );
  });
});
