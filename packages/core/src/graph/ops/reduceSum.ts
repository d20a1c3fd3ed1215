import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount } from "./shapes.js";

export type ReduceSumAttributes = { readonly axes: readonly number[]; readonly keepDims: boolean };

/** Sum over `axes`. Used for the gradients of biases and of broadcast factors. */
export const reduceSum: OpDefinition<ReduceSumAttributes> = {
  name: "reduceSum",
  shapes(inputs, { axes, keepDims }) {
    expectCount("reduceSum", inputs, 1);
    const reduced = inputs[0].map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return [keepDims ? reduced : reduced.filter((_, axis) => !axes.includes(axis))];
  },
  onnx(node, scope) {
    const { axes, keepDims } = attributesOf(node, reduceSum);
    scope.emit("ReduceSum", [scope.name(node.inputs[0]), scope.int64(axes)], { keepdims: keepDims ? 1 : 0 }, [
      scope.name(node.outputs[0]),
    ]);
  },
};
