import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount, shapeError } from "./shapes.js";

export type ReshapeAttributes = { readonly shape: readonly number[] };

/** x [N,…] → [N,…shape]: the batch stays, the rest is read in the same order under another shape */
export const reshape: OpDefinition<ReshapeAttributes> = {
  name: "reshape",
  shapes(inputs, { shape }) {
    expectCount("reshape", inputs, 1);
    const [n, ...rest] = inputs[0];
    if (size(rest) !== size(shape)) throw shapeError("reshape", `[${rest}] has not as many elements as [${shape}]`);
    return [[n, ...shape]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(reshape, [dy], { shape: node.inputs[0].shape.slice(1) }, `${node.name}.backward`);
  },
  onnx(node, scope) {
    const { shape } = attributesOf(node, reshape);
    scope.emit("Reshape", [scope.name(node.inputs[0]), scope.int64([0, ...shape])], {}, [scope.name(node.outputs[0])]);
  },
};
