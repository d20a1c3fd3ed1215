import type { TensorToStore } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { engines } from "../../choose.js";
import { fill } from "../contract/agreement.js";
import { opCases } from "../contract/cases/index.js";
import { worstDifference } from "../contract/compare.js";
import type { OpCase } from "../contract/opCase.js";
import { LIMITS } from "../engineContract.js";
import { evaluate } from "../reference/index.js";
import { askTorch } from "./askTorch.js";

const cases = opCases();
const answers = askTorch({ cases: cases.map(question) }, Object.assign({}, ...cases.map(tensors)));

function question({ name, graph }: OpCase) {
  const inputs = [...graph.inputs, ...graph.parameters].map(({ name, value }) => ({ name, id: value.id }));
  const updates = graph.updates.map(({ parameter, value }) => ({ name: `after:${parameter}`, value }));
  const results = [...graph.outputs, ...updates].map(({ name, value }) => ({ name, id: value.id }));
  const nodes = graph.nodes.map(({ op, attributes, inputs, outputs }) => ({
    op,
    attributes,
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id }) => id),
  }));
  return { name, inputs, nodes, results };
}

function tensors({ name, graph, inputs, state }: OpCase): Record<string, TensorToStore> {
  const values = { ...inputs, ...state };
  return Object.fromEntries(
    [...graph.inputs, ...graph.parameters].map((entry) => [
      `${name}/${entry.name}`,
      { shape: entry.value.shape, data: values[entry.name] },
    ]),
  );
}

/** PyTorch's results of a case, with `read` for ours of the same name. */
function compare(given: OpCase, read: (name: string) => ArrayLike<number>, limit: number): void {
  const { graph, name } = given;
  const results = [...graph.outputs.map((output) => output.name), ...graph.updates.map((u) => `after:${u.parameter}`)];
  for (const result of results) {
    const expected = answers[`${name}/${result}`] as Float64Array;
    expect(worstDifference(read(result), expected), result).toBeLessThanOrEqual(limit);
  }
}

describe("the float64 reference agrees with PyTorch", () => {
  it.each(cases)("$name", (given) => {
    const { outputs, state } = evaluate(given.graph, given.inputs, given.state);
    compare(given, (name) => outputs[name] ?? state[name.slice("after:".length)], 1e-6);
  });
});

describe.each(engines.filter((engine) => engine.probe().available))("$id agrees with PyTorch", (engine) => {
  it.each(cases)("$name", async (given) => {
    const executable = await engine.compile(given.graph, { state: given.state });
    try {
      fill(executable, given.inputs);
      await executable.run();
      const read = (name: string) =>
        name.startsWith("after:") ? executable.read(name.slice("after:".length)) : executable.output(name);
      compare(given, read, LIMITS.op);
    } finally {
      executable.dispose();
    }
  });
});
