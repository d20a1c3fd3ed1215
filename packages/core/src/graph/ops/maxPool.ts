import type { Shape } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { maxPoolBackward } from "./maxPoolBackward.js";
import { expectCount, expectRank, windowExtent } from "./shapes.js";

export type MaxPoolAttributes = { readonly kernel: number; readonly stride: number; readonly padding: number };

/** x [N,C,H,W] → [N,C,H',W']: the largest of each window */
export const maxPool: OpDefinition<MaxPoolAttributes> = {
  name: "maxPool",
  shapes(inputs, attributes) {
    expectCount("maxPool", inputs, 1);
    expectRank("maxPool", "x", inputs[0], 4);
    return [maxPoolShape(inputs[0], attributes)];
  },
  cost(inputs, attributes) {
    const [, channels, height, width] = maxPoolShape(inputs[0], attributes);
    return { flops: 0, acts: channels * height * width };
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(maxPoolBackward, [dy, node.inputs[0]], attributesOf(node, maxPool), `${node.name}.backward`);
  },
  onnx(node, scope) {
    const { kernel, stride, padding } = attributesOf(node, maxPool);
    scope.emit(
      "MaxPool",
      [scope.name(node.inputs[0])],
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] },
      [scope.name(node.outputs[0])],
    );
  },
};

function maxPoolShape([n, channels, height, width]: Shape, { kernel, stride, padding }: MaxPoolAttributes): Shape {
  return [
    n,
    channels,
    windowExtent("maxPool", height, kernel, stride, padding),
    windowExtent("maxPool", width, kernel, stride, padding),
  ];
}
