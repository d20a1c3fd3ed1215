import { sameShape, type Value } from "../graph.js";
import type { OpDefinition, OpScope } from "../op.js";
import { reduceSum } from "./reduceSum.js";
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
    scope.emit(
      "Mul",
      node.inputs.map((input) => scope.name(input)),
      {},
      [scope.name(node.outputs[0])],
    );
  },
};

function factorGradient(dy: Value, x: Value, factor: Value, name: string, scope: OpScope): Value {
  const [product] = scope.apply(multiply, [dy, x], {}, `${name}.product`);
  if (sameShape(x.shape, factor.shape)) return product;
  const axes = factor.shape.flatMap((extent, axis) => (extent === x.shape[axis] ? [] : [axis]));
  return scope.apply(reduceSum, [product], { axes, keepDims: true }, `${name}.dfactor`)[0];
}
