import type { OpDefinition } from "../op.js";
import { linearBackwardData } from "./linearBackwardData.js";
import { linearBackwardWeights } from "./linearBackwardWeights.js";
import { reduceSum } from "./reduceSum.js";
import { expectCount, expectRank, expectShape, shapeError } from "./shapes.js";

/** (x [N,I], weight [O,I], bias [O]?) → x·weightᵀ + bias [N,O] */
export const linear: OpDefinition<Record<never, never>> = {
  name: "linear",
  shapes(inputs) {
    expectCount("linear", inputs, 2, 3);
    const [x, weight, bias] = inputs;
    expectRank("linear", "x", x, 2);
    expectRank("linear", "weight", weight, 2);
    if (x[1] !== weight[1]) throw shapeError("linear", `x [${x}] does not fit weight [${weight}]`);
    if (bias) expectShape("linear", "bias", bias, [weight[0]]);
    return [[x[0], weight[0]]];
  },
  cost([, weight, bias]) {
    const [outputs, inputs] = weight;
    return { flops: outputs * inputs + (bias ? outputs : 0), acts: outputs };
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, weight, bias] = node.inputs;
    const [dx] = scope.apply(linearBackwardData, [dy, weight], {}, `${node.name}.dx`);
    const [dw] = scope.apply(linearBackwardWeights, [x, dy], {}, `${node.name}.dw`);
    const db = bias && scope.apply(reduceSum, [dy], { axes: [0], keepDims: false }, `${node.name}.db`)[0];
    return [dx, dw, db];
  },
  onnx(node, scope) {
    scope.emit(
      "Gemm",
      node.inputs.map((input) => scope.name(input)),
      { transB: 1 },
      [scope.name(node.outputs[0])],
    );
  },
};
