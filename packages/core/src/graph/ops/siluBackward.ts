import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (dy, x) → dx: dy · (s + x·s·(1 − s)) with s = sigmoid(x) */
export const siluBackward: OpDefinition<Record<never, never>> = {
  name: "siluBackward",
  shapes(inputs) {
    expectCount("siluBackward", inputs, 2);
    const [dy, reference] = inputs;
    expectShape("siluBackward", "dy", dy, reference);
    return [dy];
  },
  onnx(node, scope) {
    const [dy, x] = node.inputs.map((input) => scope.image(input));
    const [s] = scope.emit("Sigmoid", [x]);
    const [y] = scope.emit("Mul", [x, s]);
    const [rest] = scope.emit("Sub", [y, scope.emit("Mul", [y, s])[0]]);
    const [slope] = scope.emit("Add", [s, rest]);
    scope.emit("Mul", [dy, slope], {}, [scope.image(node.outputs[0])]);
  },
};
