import { size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import type { MaxPoolAttributes } from "./maxPool.js";
import { expectCount } from "./shapes.js";

/** (dy [N,C,H',W'], x [N,C,H,W]) → dx [N,C,H,W] */
export const maxPoolBackward: OpDefinition<MaxPoolAttributes> = {
  name: "maxPoolBackward",
  shapes(inputs) {
    expectCount("maxPoolBackward", inputs, 2);
    return [inputs[1]];
  },
  onnx(node, scope) {
    const { kernel, stride, padding } = attributesOf(node, maxPoolBackward);
    const [dy, x] = node.inputs;
    const [, indices] = scope.emit(
      "MaxPool",
      [scope.name(x)],
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] },
      [scope.fresh(`${node.name}/values`), scope.fresh(`${node.name}/indices`)],
    );
    const flat = scope.int64([-1]);
    const [zeros] = scope.emit("Expand", [scope.float([0], [1]), scope.int64([size(x.shape)])]);
    const [places] = scope.emit("Reshape", [indices, flat]);
    const [updates] = scope.emit("Reshape", [scope.name(dy), flat]);
    const [scattered] = scope.emit("ScatterElements", [zeros, places, updates], { axis: 0, reduction: "add" });
    scope.emit("Reshape", [scattered, scope.int64(x.shape)], {}, [scope.name(node.outputs[0])]);
  },
};
