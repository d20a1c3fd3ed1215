import { attributesOf, type OpDefinition } from "../op.js";
import { expectCount, expectRank, expectShape } from "./shapes.js";

export type LayerNormAttributes = { readonly epsilon: number };

/**
 * (x [N,C,H,W] or [N,C], gamma [C], beta [C]) → like x. Each position is normalised over its channels (axis 1).
 * `differentiate` turns it into `layerNormTraining`.
 */
export const layerNorm: OpDefinition<LayerNormAttributes> = {
  name: "layerNorm",
  shapes(inputs) {
    expectCount("layerNorm", inputs, 3);
    const [x, gamma, beta] = inputs;
    if (x.length !== 2) expectRank("layerNorm", "x", x, 4);
    expectShape("layerNorm", "gamma", gamma, [x[1]]);
    expectShape("layerNorm", "beta", beta, [x[1]]);
    return [x];
  },
  onnx(node, scope) {
    const { epsilon } = attributesOf(node, layerNorm);
    const [gamma, beta] = node.inputs.slice(1).map((vector) => scope.name(vector));
    const x = scope.image(node.inputs[0]);
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    const y = scope.image(node.outputs[0]);
    if (node.inputs[0].shape.length === 2) {
      scope.emit("LayerNormalization", [x, gamma, beta], attributes, [y]);
      return;
    }
    const [last] = scope.emit("Transpose", [x], { perm: [0, 2, 3, 1] });
    const [normalised] = scope.emit("LayerNormalization", [last, gamma, beta], attributes);
    scope.emit("Transpose", [normalised], { perm: [0, 3, 1, 2] }, [y]);
  },
};
