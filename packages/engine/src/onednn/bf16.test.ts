import { type Graph, initialise, type Value } from "@regnet/core";
import { describe, it } from "vitest";
import { checkOp } from "../testing/contract/agreement.js";
import { convolutionCases } from "../testing/contract/cases/convolutions.js";
import { elementwiseCases } from "../testing/contract/cases/elementwise.js";
import type { OpCase } from "../testing/contract/opCase.js";
import { onednn } from "./engine.js";
import { library } from "./library.js";

/** What remains of sums of products of −1, 0 and 1, which bfloat16 and float32 hold exactly. */
const EXACT = 1e-6;

/** The case with numbers that bfloat16 holds exactly, as its sums. */
function whole(given: OpCase): OpCase {
  const rounded = (arrays: OpCase["inputs"]) =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, values]) => [name, values.map((value) => Math.round(value))]),
    );
  return { ...given, inputs: rounded(given.inputs), state: rounded(given.state) };
}

/** The case as part of a step that changes a parameter: kernels are then chosen as for training. */
function asTraining({ name, graph, inputs, state }: OpCase): OpCase {
  const first = 1 + Math.max(...[...graph.inputs, ...graph.parameters].map(({ value }) => value.id), ...ids(graph));
  const [old, fresh]: Value[] = [first, first + 1].map((id) => ({ ...graph.inputs[0].value, id, shape: [1] }));
  const changing: Graph = {
    ...graph,
    inputs: [...graph.inputs, { name: "fresh", value: fresh }],
    parameters: [
      ...graph.parameters,
      { name: "changing", value: old, role: "weight", initial: { kind: "constant", value: 0 } },
    ],
    updates: [{ parameter: "changing", value: fresh }],
  };
  return {
    name: `${name}, in a training step`,
    graph: changing,
    inputs: { ...inputs, fresh: Float32Array.of(3) },
    state: { ...initialise(changing, 0), ...state },
  };
}

function ids({ nodes }: Graph): number[] {
  return nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id));
}

describe.runIf(library().bf16)("each op alone in bfloat16", () => {
  const cases = [...convolutionCases(), ...elementwiseCases()].map(whole);
  for (const given of cases.flatMap((one) => [one, asTraining(one)])) {
    it(given.name, () => checkOp(onednn, { precision: "bf16", threads: 2 }, given, EXACT));
  }
});
