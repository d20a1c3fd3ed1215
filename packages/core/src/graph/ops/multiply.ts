import { sameShape, size, type Value } from "../graph.js";
import type { OpDefinition, OpScope } from "../op.js";
import { imagesOf, isInterleaved, placesByImages } from "./interleaved.js";
import { reduceSum } from "./reduceSum.js";
import { reshaped } from "./reshaped.js";
import { expectCount, shapeError } from "./shapes.js";

/** (x, factor of the same rank whose extents are those of x or 1) → x · factor */
export const multiply: OpDefinition<Record<never, never>> = {
  name: "multiply",
  shapes(inputs) {
    expectCount("multiply", inputs, 2);
    const [x, factor] = inputs;
    if (x.length !== factor.length || factor.some((extent, axis) => extent !== 1 && extent !== x[axis])) {
      throw shapeError("multiply", `factor [${factor}] does not spread over x [${x}]`);
    }
    return [x];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, factor] = node.inputs;
    const [dx] = scope.apply(multiply, [dy, factor], {}, `${node.name}.dx`);
    return [dx, factorGradient(dy, x, factor, node.name, scope)];
  },
  onnx(node, scope) {
    const [[x, factor], [y]] = [node.inputs, node.outputs];
    const whole = sameShape(x.shape, factor.shape);
    if (!whole && isInterleaved(scope, factor) && size(factor.shape.slice(2)) === 1) {
      // One factor for all places of an image.
      const spread = reshaped(scope, scope.image(factor), [factor.shape[1], 1, factor.shape[0]]);
      imagesOf(scope, node, scope.emit("Mul", [placesByImages(scope, x), spread])[0]);
      return;
    }
    const form = (value: Value) => (whole ? scope.image(value) : scope.name(value));
    scope.emit("Mul", [form(x), form(factor)], {}, [form(y)]);
  },
};

function factorGradient(dy: Value, x: Value, factor: Value, name: string, scope: OpScope): Value {
  const [product] = scope.apply(multiply, [dy, x], {}, `${name}.product`);
  if (sameShape(x.shape, factor.shape)) return product;
  const axes = factor.shape.flatMap((extent, axis) => (extent === x.shape[axis] ? [] : [axis]));
  return scope.apply(reduceSum, [product], { axes, keepDims: true }, `${name}.dfactor`)[0];
}
