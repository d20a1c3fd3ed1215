import type { OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

/** (a, b of one shape) → a + b */
export const add: OpDefinition<Record<never, never>> = {
  name: "add",
  shapes(inputs) {
    expectCount("add", inputs, 2);
    expectShape("add", "b", inputs[1], inputs[0]);
    return [inputs[0]];
  },
  gradient(_node, [dy]) {
    return [dy, dy];
  },
  onnx(node, scope) {
    scope.emit(
      "Add",
      node.inputs.map((input) => scope.image(input)),
      {},
      [scope.image(node.outputs[0])],
    );
  },
};
