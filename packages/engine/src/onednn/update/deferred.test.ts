import { anynet, differentiate, type Graph, initialise, type Optimiser } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { expectWithin, worstDifference } from "../../testing/contract/compare.js";
import { evaluate } from "../../testing/index.js";
import { compileHere } from "../compile.js";

/** Its last 1×1 convolution has a long weight. */
const net = anynet(
  { stages: [8, 192].map((width) => ({ depth: 1, width, groupWidth: 8 })), stemWidth: 8 },
  { batch: 2, resolution: 16, classes: 3 },
);
const optimisers: readonly Optimiser[] = [
  { kind: "sgd", momentum: 0.9, weightDecay: 1e-3 },
  { kind: "sgd", momentum: 0.9, weightDecay: 1e-3, nesterov: true },
  { kind: "adamw", weightDecay: 0.05 },
];

function training(optimiser: Optimiser, clipNorm?: number): Graph {
  return differentiate(net, { kind: "softmaxCrossEntropy" }, optimiser, { clipNorm, average: true });
}

function values(name: string, length: number): Float32Array {
  if (name === "image") return Float32Array.from({ length }, (_, i) => Math.sin(0.7 * i));
  if (name === "target") return Float32Array.of(1, 0, 0, 0, 1, 0);
  return new Float32Array(length).fill(name === "step" ? 1 : 0.05);
}

describe("the update of a long weight", () => {
  it.each(optimisers)("follows its gradient, but for a clipped one: %o", async (optimiser) => {
    const placesOf = async (graph: Graph) => {
      const executable = compileHere(graph, { threads: 1 });
      const steps = await executable.profile();
      executable.dispose();
      return [
        steps.findIndex(({ op, kernel }) => op === optimiser.kind && kernel !== "javascript"),
        steps.findLastIndex(({ op }) => op === "conv2dBackwardWeights"),
      ];
    };
    const [update, gradient] = await placesOf(training(optimiser));
    expect(update).toBeLessThan(gradient);
    const [clipped, last] = await placesOf(training(optimiser, 1));
    expect(clipped).toBeGreaterThan(last);
  });

  it.each(optimisers)("comes out like that of the others: %o", async (optimiser) => {
    const graph = training(optimiser);
    const state = initialise(graph, 1);
    const executable = compileHere(graph, { threads: 1, state });
    const inputs = Object.fromEntries(
      graph.inputs.map(({ name }) => [name, values(name, executable.input(name).length)]),
    );
    for (const [name, given] of Object.entries(inputs)) executable.input(name).set(given);
    await executable.run();
    const wanted = evaluate(graph, inputs, state).state;
    const names = graph.parameters.map(({ name }) => name).filter((name) => name.includes("s2.b1.conv3.conv.weight"));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) expectWithin(name, worstDifference(executable.read(name), wanted[name]), 3e-3);
    executable.dispose();
  });

  it("is made once, wherever a graph has it", async () => {
    const graph = training(optimisers[0]);
    const weight = graph.parameters.find(({ name }) => name === "s2.b1.conv3.conv.weight")!.value;
    const update = graph.nodes.find(({ op, inputs }) => op === "sgd" && inputs[0].id === weight.id)!;
    const gradient = graph.nodes.find(({ outputs }) => outputs.some(({ id }) => id === update.inputs[1].id))!;
    const others = graph.nodes.filter((node) => node !== update && node !== gradient);
    const lastReader = others.findLastIndex(({ inputs }) => inputs.some(({ id }) => id === weight.id));
    expect(others[lastReader].op).toBe("conv2dBackwardData");
    const early = { ...graph, nodes: others.toSpliced(lastReader, 0, gradient, update) };
    const [one, two] = [graph, early].map((each) => compileHere(each, { threads: 1, seed: 1 }));
    for (const executable of [one, two]) {
      for (const { name } of graph.inputs) executable.input(name).set(values(name, executable.input(name).length));
      await executable.run();
    }
    const name = "s2.b1.conv3.conv.weight";
    expect(worstDifference(two.read(name), one.read(name))).toBe(0);
    for (const executable of [one, two]) executable.dispose();
  });
});
