import { attributesOf, type OpDefinition } from "../op.js";
import { imagesOf, isInterleaved, placesByImages } from "./interleaved.js";
import { expectCount, expectRank } from "./shapes.js";

export type GlobalAveragePoolBackwardAttributes = { readonly size: readonly number[] };

/** dy [N,C,1,1] → dx [N,C,H,W], dy / (H·W) everywhere */
export const globalAveragePoolBackward: OpDefinition<GlobalAveragePoolBackwardAttributes> = {
  name: "globalAveragePoolBackward",
  shapes(inputs, { size }) {
    expectCount("globalAveragePoolBackward", inputs, 1);
    expectRank("globalAveragePoolBackward", "dy", inputs[0], 4);
    return [[inputs[0][0], inputs[0][1], size[0], size[1]]];
  },
  onnx(node, scope) {
    const { size } = attributesOf(node, globalAveragePoolBackward);
    const [dy] = node.inputs;
    const factor = scope.float([1 / (size[0] * size[1])], []);
    if (isInterleaved(scope, dy)) {
      const [share] = scope.emit("Mul", [placesByImages(scope, dy), factor]);
      imagesOf(scope, node, scope.emit("Expand", [share, scope.int64([1, size[0] * size[1], 1])])[0]);
      return;
    }
    const [share] = scope.emit("Mul", [scope.name(dy), factor]);
    scope.emit("Expand", [share, scope.int64([1, 1, ...size])], {}, [scope.name(node.outputs[0])]);
  },
};
