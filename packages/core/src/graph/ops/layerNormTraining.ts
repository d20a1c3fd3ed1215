import { attributesOf, type OpDefinition } from "../op.js";
import type { LayerNormAttributes } from "./layerNorm.js";
import { layerNorm } from "./layerNorm.js";
import { layerNormBackward } from "./layerNormBackward.js";

/** (x, gamma, beta) → y, and each position's mean and biased variance over channels: [N,H,W], or [N] for a vector */
export const layerNormTraining: OpDefinition<LayerNormAttributes> = {
  name: "layerNormTraining",
  shapes(inputs, attributes) {
    const [y] = layerNorm.shapes(inputs, attributes);
    const positions = y.filter((_, axis) => axis !== 1);
    return [y, positions, positions];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, gamma] = node.inputs;
    const [, mean, variance] = node.outputs;
    const { epsilon } = attributesOf(node, layerNormTraining);
    return scope.apply(layerNormBackward, [dy, x, gamma, mean, variance], { epsilon }, `${node.name}.backward`);
  },
};
