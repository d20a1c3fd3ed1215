import type { OpDefinition } from "../op.js";
import { globalAveragePoolBackward } from "./globalAveragePoolBackward.js";
import { imagesOf, isInterleaved, placesByImages } from "./interleaved.js";
import { expectCount, expectRank } from "./shapes.js";

/** x [N,C,H,W] → [N,C,1,1] */
export const globalAveragePool: OpDefinition<Record<never, never>> = {
  name: "globalAveragePool",
  shapes(inputs) {
    expectCount("globalAveragePool", inputs, 1);
    expectRank("globalAveragePool", "x", inputs[0], 4);
    return [[inputs[0][0], inputs[0][1], 1, 1]];
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    const [, , height, width] = node.inputs[0].shape;
    return scope.apply(globalAveragePoolBackward, [dy], { size: [height, width] }, `${node.name}.backward`);
  },
  onnx(node, scope) {
    if (isInterleaved(scope, node.inputs[0])) {
      const [means] = scope.emit("ReduceMean", [placesByImages(scope, node.inputs[0])], { axes: [1], keepdims: 0 });
      imagesOf(scope, node, means);
      return;
    }
    scope.emit("GlobalAveragePool", [scope.name(node.inputs[0])], {}, [scope.name(node.outputs[0])]);
  },
};
