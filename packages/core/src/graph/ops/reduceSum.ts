import { attributesOf, type OpDefinition } from "../op.js";
import { imagesOf, isInterleaved, placesByImages } from "./interleaved.js";
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
    const [[x], [y]] = [node.inputs, node.outputs];
    const over = (reduced: string) => axes.join() === reduced && x.shape.length === 4;
    if (over("2,3") && keepDims && isInterleaved(scope, x)) {
      const [sums] = scope.emit("ReduceSum", [placesByImages(scope, x), scope.int64([1])], { keepdims: 0 });
      imagesOf(scope, node, sums);
      return;
    }
    const summed = over("0,2,3") ? scope.image(x) : scope.name(x);
    scope.emit("ReduceSum", [summed, scope.int64(axes)], { keepdims: keepDims ? 1 : 0 }, [scope.name(y)]);
  },
};
