import type { OpDefinition } from "../op.js";
import { multiply } from "./multiply.js";
import { reduceSum } from "./reduceSum.js";
import { reshaped } from "./reshaped.js";
import { expectCount, expectRank, expectShape } from "./shapes.js";

/** (x [N,C,H,W], scale [C]) → x with every channel multiplied by its scale: ConvNeXt's layer scale */
export const channelScale: OpDefinition<Record<never, never>> = {
  name: "channelScale",
  shapes(inputs) {
    expectCount("channelScale", inputs, 2);
    const [x, scale] = inputs;
    expectRank("channelScale", "x", x, 4);
    expectShape("channelScale", "scale", scale, [x[1]]);
    return [x];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [x, scale] = node.inputs;
    const [dx] = scope.apply(channelScale, [dy, scale], {}, `${node.name}.dx`);
    const [product] = scope.apply(multiply, [dy, x], {}, `${node.name}.product`);
    const [dscale] = scope.apply(reduceSum, [product], { axes: [0, 2, 3], keepDims: false }, `${node.name}.dscale`);
    return [dx, dscale];
  },
  onnx(node, scope) {
    const [x, scale] = node.inputs;
    const spread = reshaped(scope, scope.name(scale), [1, scale.shape[0], 1, 1]);
    scope.emit("Mul", [scope.image(x), spread], {}, [scope.image(node.outputs[0])]);
  },
};
