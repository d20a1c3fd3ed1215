import { attributesOf, type OpDefinition } from "../op.js";
import { scaled } from "./scaled.js";
import { expectCount, expectShape } from "./shapes.js";

export type MovingAverageAttributes = {
  /** Weight of the new value; not used where a third input gives it. */
  readonly share: number;
  /** Factor on the new value: n/(n − 1) makes a biased variance unbiased. */
  readonly correction: number;
};

/** (old, new, share [1]?) → (1 − share)·old + share·correction·new: running statistics and averaged weights */
export const movingAverage: OpDefinition<MovingAverageAttributes> = {
  name: "movingAverage",
  shapes(inputs) {
    expectCount("movingAverage", inputs, 2, 3);
    expectShape("movingAverage", "new", inputs[1], inputs[0]);
    return [inputs[0]];
  },
  onnx(node, scope) {
    const { share, correction } = attributesOf(node, movingAverage);
    const [old, fresh, given] = node.inputs.map((input) => scope.name(input));
    const by = (value: string, factor: string | number) => scaled(scope, value, node.inputs[0].shape, factor);
    const corrected = correction === 1 ? fresh : by(fresh, correction);
    const [difference] = scope.emit("Sub", [corrected, old]);
    const change = by(difference, given ?? share);
    scope.emit("Add", [old, change], {}, [scope.name(node.outputs[0])]);
  },
};
