import type { OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";

export type DropPathAttributes = { readonly rate: number };

/**
 * Stochastic depth: the identity at inference. `differentiate` turns it into a product with the input
 * `dropPath:<node name>` [N,1,1,1], in which the trainer writes 0 or 1/(1 − rate) for each image.
 */
export const dropPath: OpDefinition<DropPathAttributes> = {
  name: "dropPath",
  shapes(inputs) {
    expectCount("dropPath", inputs, 1);
    return [inputs[0]];
  },
  onnx(node, scope) {
    scope.emit("Identity", [scope.image(node.inputs[0])], {}, [scope.image(node.outputs[0])]);
  },
};
