import { attributesOf, type OpDefinition } from "../op.js";
import type { AveragePoolAttributes } from "./averagePool.js";
import { expectCount } from "./shapes.js";
import { transposedConvolution } from "./transposedConvolution.js";

/** (dy [N,C,H',W'], x [N,C,H,W]) → dx [N,C,H,W] */
export const averagePoolBackward: OpDefinition<AveragePoolAttributes> = {
  name: "averagePoolBackward",
  shapes(inputs) {
    expectCount("averagePoolBackward", inputs, 2);
    return [inputs[1]];
  },
  onnx(node, scope) {
    const { kernel, stride, padding } = attributesOf(node, averagePoolBackward);
    const [dy, x] = node.inputs;
    const channels = x.shape[1];
    const share = Array<number>(channels * kernel * kernel).fill(1 / (kernel * kernel));
    const weight = scope.float(share, [channels, 1, kernel, kernel]);
    const window = { stride, padding, groups: channels };
    transposedConvolution(
      scope,
      scope.name(dy),
      weight,
      window,
      x.shape,
      dy.shape,
      [kernel, kernel],
      [scope.name(node.outputs[0])],
    );
  },
};
