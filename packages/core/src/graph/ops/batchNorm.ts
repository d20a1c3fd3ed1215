import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount, expectShape } from "./shapes.js";

export type BatchNormAttributes = {
  readonly epsilon: number;
  /** Share of the batch's statistics in the running ones when the graph is trained. */
  readonly momentum: number;
};

/**
 * (x [N,C,H,W], gamma [C], beta [C], running mean [C], running variance [C]) → [N,C,H,W].
 * Normalises by the running statistics; `differentiate` turns it into `batchNormTraining`.
 */
export const batchNorm: OpDefinition<BatchNormAttributes> = {
  name: "batchNorm",
  shapes(inputs) {
    expectCount("batchNorm", inputs, 5);
    const [x, ...vectors] = inputs;
    for (const vector of vectors) expectShape("batchNorm", "a vector", vector, [x[1]]);
    return [x];
  },
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, batchNorm);
    const [x, ...vectors] = node.inputs;
    const inputs = [scope.image(x), ...vectors.map((vector) => scope.name(vector))];
    scope.emit("BatchNormalization", inputs, { epsilon: { float: epsilon } }, [scope.image(node.outputs[0])]);
  },
};
