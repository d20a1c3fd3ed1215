import { attributesOf, type OpDefinition } from "../op.js";
import { batchNormBackward } from "./batchNormBackward.js";
import { expectCount, expectShape } from "./shapes.js";

export type BatchNormTrainingAttributes = { readonly epsilon: number };

/** (x [N,C,H,W], gamma [C], beta [C]) → y, the batch's mean [C] and biased variance [C] */
export const batchNormTraining: OpDefinition<BatchNormTrainingAttributes> = {
  name: "batchNormTraining",
  shapes(inputs) {
    expectCount("batchNormTraining", inputs, 3);
    const [x, gamma, beta] = inputs;
    expectShape("batchNormTraining", "gamma", gamma, [x[1]]);
    expectShape("batchNormTraining", "beta", beta, [x[1]]);
    return [x, [x[1]], [x[1]]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, gamma] = node.inputs;
    const [, mean, variance] = node.outputs;
    const { epsilon } = attributesOf(node, batchNormTraining);
    return scope.apply(batchNormBackward, [dy, x, gamma, mean, variance], { epsilon }, `${node.name}.backward`);
  },
};
