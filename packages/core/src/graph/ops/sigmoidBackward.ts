import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, y = sigmoid(x)) → dx: dy · y · (1 − y) */
export const sigmoidBackward: OpDefinition<Record<never, never>> = {
  name: "sigmoidBackward",
  shapes(inputs) {
    expectCount("sigmoidBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("sigmoidBackward", "dy", dy, reference);
    return [dy];
  },
  onnx(node, scope) {
    const [dy, y] = node.inputs.map((input) => scope.image(input));
    const [rest] = scope.emit("Sub", [scope.float([1], []), y]);
    const [slope] = scope.emit("Mul", [y, rest]);
    scope.emit("Mul", [dy, slope], {}, [scope.image(node.outputs[0])]);
  },
};
