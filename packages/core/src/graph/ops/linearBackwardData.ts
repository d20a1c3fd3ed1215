import type { OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";

/** (dy [N,O], weight [O,I]) → dx = dy·weight [N,I] */
export const linearBackwardData: OpDefinition<Record<never, never>> = {
  name: "linearBackwardData",
  shapes(inputs) {
    expectCount("linearBackwardData", inputs, 2);
    const [dy, weight] = inputs;
    return [[dy[0], weight[1]]];
  },
  onnx(node, scope) {
    scope.emit(
      "MatMul",
      node.inputs.map((input) => scope.name(input)),
      {},
      [scope.name(node.outputs[0])],
    );
  },
};
