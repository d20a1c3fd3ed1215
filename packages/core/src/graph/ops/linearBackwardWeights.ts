import type { OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";

/** (x [N,I], dy [N,O]) → dw = dyᵀ·x [O,I] */
export const linearBackwardWeights: OpDefinition<Record<never, never>> = {
  name: "linearBackwardWeights",
  shapes(inputs) {
    expectCount("linearBackwardWeights", inputs, 2);
    const [x, dy] = inputs;
    return [[dy[1], x[1]]];
  },
  onnx(node, scope) {
    const [x, dy] = node.inputs.map((input) => scope.name(input));
    scope.emit("Gemm", [dy, x], { transA: 1 }, [scope.name(node.outputs[0])]);
  },
};
