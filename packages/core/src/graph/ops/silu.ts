import type { OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";
import { siluBackward } from "./siluBackward.js";

/** x · sigmoid(x), also called swish */
export const silu: OpDefinition<Record<never, never>> = {
  name: "silu",
  shapes(inputs) {
    expectCount("silu", inputs, 1);
    return [inputs[0]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(siluBackward, [dy, node.inputs[0]], {}, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const x = scope.image(node.inputs[0]);
    const y = scope.image(node.outputs[0]);
    const [gate] = scope.emit("Sigmoid", [x]);
    scope.emit("Mul", [x, gate], {}, [y]);
  },
};
