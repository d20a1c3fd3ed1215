import type { OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";
import { sigmoidBackward } from "./sigmoidBackward.js";

/** 1 / (1 + e^-x) */
export const sigmoid: OpDefinition<Record<never, never>> = {
  name: "sigmoid",
  shapes(inputs) {
    expectCount("sigmoid", inputs, 1);
    return [inputs[0]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(sigmoidBackward, [dy, node.outputs[0]], {}, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const x = scope.image(node.inputs[0]);
    const y = scope.image(node.outputs[0]);
    scope.emit("Sigmoid", [x], {}, [y]);
  },
};
