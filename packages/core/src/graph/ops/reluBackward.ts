import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, y = relu(x)) → dx: dy where y > 0, else 0 */
export const reluBackward: OpDefinition<Record<never, never>> = {
  name: "reluBackward",
  shapes(inputs) {
    expectCount("reluBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("reluBackward", "dy", dy, reference);
    return [dy];
  },
  /** y is not negative: times the largest factor and cut off at 1, it is the mask, which ONNX Runtime makes in one pass. */
  onnx(node, scope) {
    const [dy, y] = node.inputs.map((input) => scope.image(input));
    const [mask] = scope.emit("HardSigmoid", [y], { alpha: { float: 3e38 }, beta: { float: 0 } });
    scope.emit("Mul", [dy, mask], {}, [scope.image(node.outputs[0])]);
  },
};
