import { op } from "@regnet/core";
import { CaseBuilder, type OpCase } from "../opCase.js";

const SHAPES: readonly (readonly [n: number, inputs: number, outputs: number])[] = [
  [3, 13, 7],
  [1, 48, 10],
  [8, 32, 64],
];

/** Linear layers and both of their gradients. */
export function linearCases(): OpCase[] {
  return SHAPES.flatMap(([n, inputs, outputs]) => {
    const what = `${inputs} → ${outputs}, batch ${n}`;
    const start = (name: string) => new CaseBuilder(`${name} ${what}`, n);
    const plain = start("linear");
    const biased = start("linear, bias,");
    const data = start("linearBackwardData");
    const weights = start("linearBackwardWeights");
    const operands = (b: CaseBuilder) => [b.input("x", [n, inputs]), b.weight("weight", [outputs, inputs])];
    const dy = (b: CaseBuilder) => b.input("dy", [n, outputs]);
    return [
      plain.outputs(plain.one(op.linear, operands(plain), {})).build(),
      biased.outputs(biased.one(op.linear, [...operands(biased), biased.weight("bias", [outputs])], {})).build(),
      data.outputs(data.one(op.linearBackwardData, [dy(data), data.weight("weight", [outputs, inputs])], {})).build(),
      weights
        .outputs(weights.one(op.linearBackwardWeights, [weights.input("x", [n, inputs]), dy(weights)], {}))
        .build(),
    ];
  });
}
