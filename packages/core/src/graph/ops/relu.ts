import type { OpDefinition } from "../op.js";
import { reluBackward } from "./reluBackward.js";
import { expectCount } from "./shapes.js";

/** max(x, 0) */
export const relu: OpDefinition<Record<never, never>> = {
  name: "relu",
  shapes(inputs) {
    expectCount("relu", inputs, 1);
    return [inputs[0]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(reluBackward, [dy, node.outputs[0]], {}, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const x = scope.image(node.inputs[0]);
    const y = scope.image(node.outputs[0]);
    scope.emit("Relu", [x], {}, [y]);
  },
};
