import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** Data types of ONNX. */
const FLOAT = 1;
const BOOL = 9;

/** (dy, y = relu(x)) → dx: dy where y > 0, else 0 */
export const reluBackward: OpDefinition<Record<never, never>> = {
  name: "reluBackward",
  shapes(inputs) {
    expectCount("reluBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("reluBackward", "dy", dy, reference);
    return [dy];
  },
  /** y is not negative, so its truth value is the mask; ONNX Runtime casts far faster than it takes signs. */
  onnx(node, scope) {
    const [dy, y] = node.inputs.map((input) => scope.name(input));
    const [active] = scope.emit("Cast", [y], { to: BOOL });
    const [mask] = scope.emit("Cast", [active], { to: FLOAT });
    scope.emit("Mul", [dy, mask], {}, [scope.name(node.outputs[0])]);
  },
};
