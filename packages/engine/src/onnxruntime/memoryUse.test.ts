import { GraphBuilder, op } from "@regnet/core";
import { expect, it } from "vitest";
import { memoryUse } from "./memoryUse.js";

const LENGTH = 1000;
const BYTES = 4 * LENGTH;

/** Inference that adds parameters to its input; as a training, each sum is the parameter's next value, too. */
function sums(count: number, trains: boolean) {
  const builder = new GraphBuilder(1);
  const initial = { kind: "constant", value: 0 } as const;
  let sum = builder.input("x", [LENGTH]);
  for (let i = 0; i < count; i++) {
    const value = builder.parameter(`p${i}`, [LENGTH], "weight", initial);
    sum = builder.one(op.add, [sum, value], {}, `sum${i}`);
    if (trains) builder.update({ name: `p${i}`, value, role: "weight", initial }, sum);
  }
  builder.output("y", builder.one(op.relu, [sum], {}, "y"));
  return memoryUse(builder.build());
}

it("counts the next state of a training once, in the buffers that a run writes it to", () => {
  expect(sums(5, true)).toEqual({ parameters: 10 * BYTES, activations: 2 * BYTES, scratch: 0, total: 12 * BYTES });
});

it("counts inputs and outputs once, beside what is alive between them", () => {
  expect(sums(5, false)).toEqual({ parameters: 10 * BYTES, activations: 3 * BYTES, scratch: 0, total: 13 * BYTES });
});
