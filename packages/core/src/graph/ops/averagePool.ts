import type { Shape } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { averagePoolBackward } from "./averagePoolBackward.js";
import { expectCount, expectRank, windowExtent } from "./shapes.js";

export type AveragePoolAttributes = { readonly kernel: number; readonly stride: number; readonly padding: number };

/** x [N,C,H,W] → [N,C,H',W']: the mean of each window, padding counted as zeros */
export const averagePool: OpDefinition<AveragePoolAttributes> = {
  name: "averagePool",
  shapes(inputs, attributes) {
    expectCount("averagePool", inputs, 1);
    expectRank("averagePool", "x", inputs[0], 4);
    return [averagePoolShape(inputs[0], attributes)];
  },
  cost(inputs, attributes) {
    const [, channels, height, width] = averagePoolShape(inputs[0], attributes);
    return { flops: 0, acts: channels * height * width };
  },
  gradient(node, [dy], scope) {
    if (!dy) return [];
    return scope.apply(
      averagePoolBackward,
      [dy, node.inputs[0]],
      attributesOf(node, averagePool),
      `${node.name}.backward`,
    );
  },
  onnx(node, scope) {
    const { kernel, stride, padding } = attributesOf(node, averagePool);
    scope.emit(
      "AveragePool",
      [scope.name(node.inputs[0])],
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [padding, padding, padding, padding],
        count_include_pad: 1,
      },
      [scope.name(node.outputs[0])],
    );
  },
};

function averagePoolShape(
  [n, channels, height, width]: Shape,
  { kernel, stride, padding }: AveragePoolAttributes,
): Shape {
  return [
    n,
    channels,
    windowExtent("averagePool", height, kernel, stride, padding),
    windowExtent("averagePool", width, kernel, stride, padding),
  ];
}
