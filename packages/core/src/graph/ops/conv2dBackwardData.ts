import { type Shape, size } from "../graph.js";
import { attributesOf, type OnnxScope, type OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { channelsByPlaces, MANY_PLACES, reshaped } from "./matrices.js";
import { expectCount, expectRank } from "./shapes.js";
import { transposedConvolution } from "./transposedConvolution.js";

export type Conv2dBackwardDataAttributes = Conv2dAttributes & { readonly size: readonly number[] };

/** (dy [N,Co,H',W'], weight [Co,Ci/groups,k,k]) → dx [N,Ci,H,W] with [H,W] = `size` */
export const conv2dBackwardData: OpDefinition<Conv2dBackwardDataAttributes> = {
  name: "conv2dBackwardData",
  shapes(inputs, { groups, size }) {
    expectCount("conv2dBackwardData", inputs, 2);
    const [dy, weight] = inputs;
    expectRank("conv2dBackwardData", "dy", dy, 4);
    return [[dy[0], weight[1] * groups, size[0], size[1]]];
  },
  onnx(node, scope) {
    const attributes = attributesOf(node, conv2dBackwardData);
    const { stride, padding, groups } = attributes;
    const [dy, weight] = node.inputs;
    const kernel = weight.shape.slice(2);
    const [names, outputs] = [node.inputs.map((input) => scope.name(input)), [scope.name(node.outputs[0])]];
    if (stride > 1 || kernel.some((extent) => padding >= extent)) {
      transposedConvolution(scope, names[0], names[1], attributes, node.outputs[0].shape, dy.shape, kernel, outputs);
      return;
    }
    if (groups === 1 && size(kernel) === 1 && padding === 0) {
      const [outputs, inputs] = weight.shape;
      const matrix = reshaped(scope, names[1], [outputs, inputs]);
      const [turned] = scope.emit("Transpose", [matrix], { perm: [1, 0] });
      const [n, , ...map] = dy.shape;
      if (size(map) < MANY_PLACES) {
        // Of small images all places make one matrix.
        const [product] = scope.emit("MatMul", [turned, channelsByPlaces(scope, names[0], outputs)]);
        const images = reshaped(scope, product, [inputs, n, ...map]);
        scope.emit("Transpose", [images], { perm: [1, 0, 2, 3] }, [scope.name(node.outputs[0])]);
        return;
      }
      const [product] = scope.emit("MatMul", [turned, reshaped(scope, names[0], [n, outputs, -1])]);
      scope.emit("Reshape", [product, scope.int64(node.outputs[0].shape)], {}, [scope.name(node.outputs[0])]);
      return;
    }
    const pads = kernel.map((extent) => extent - 1 - padding);
    scope.emit(
      "Conv",
      [names[0], rotatedWeight(scope, names[1], weight.shape, groups)],
      { kernel_shape: kernel, strides: [1, 1], pads: [...pads, ...pads], group: groups },
      outputs,
    );
  },
};

/** Weight [Co,Ci/groups,k,k] with inputs and outputs of each group exchanged and the window turned by 180°: [Ci,Co/groups,k,k]. */
function rotatedWeight(scope: OnnxScope, weight: string, shape: Shape, groups: number): string {
  const [outputs, inputs, height, width] = shape;
  const area = height * width;
  const [grouped] = scope.emit("Reshape", [weight, scope.int64([groups, outputs / groups, inputs, area])]);
  let [turned] = scope.emit("Transpose", [grouped], { perm: [0, 2, 1, 3] });
  if (area > 1) {
    const [start, end] = [scope.int64([-1]), scope.int64([-area - 1])];
    [turned] = scope.emit("Slice", [turned, start, end, scope.int64([3]), scope.int64([-1])]);
  }
  const [result] = scope.emit("Reshape", [turned, scope.int64([inputs * groups, outputs / groups, height, width])]);
  return result;
}
