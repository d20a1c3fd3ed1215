import { type GraphNode, type Shape, size } from "../graph.js";
import { attributesOf, type OnnxScope, type OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { channelsOutermost } from "./interleaved.js";
import { reshaped } from "./reshaped.js";
import { expectCount, expectRank } from "./shapes.js";

export type Conv2dBackwardWeightsAttributes = Conv2dAttributes & { readonly kernel: readonly number[] };

/** Channels from which on a group's matrices are worth their while, and taps up to which there are few enough. */
const NARROW = 4;
const MOST_TAPS = 9;

/** (x [N,Ci,H,W], dy [N,Co,H',W']) → dw [Co,Ci/groups,k,k] with [k,k] = `kernel` */
export const conv2dBackwardWeights: OpDefinition<Conv2dBackwardWeightsAttributes> = {
  name: "conv2dBackwardWeights",
  shapes(inputs, { groups, kernel }) {
    expectCount("conv2dBackwardWeights", inputs, 2);
    const [x, dy] = inputs;
    expectRank("conv2dBackwardWeights", "x", x, 4);
    expectRank("conv2dBackwardWeights", "dy", dy, 4);
    return [[dy[1], x[1] / groups, kernel[0], kernel[1]]];
  },
  onnx(node, scope) {
    const { kernel, padding, groups } = attributesOf(node, conv2dBackwardWeights);
    const [x] = node.inputs;
    const narrow = x.shape[1] / groups < NARROW && groups > 1;
    if (narrow || size(kernel) > MOST_TAPS) windowGradient(node, scope);
    else if (size(kernel) === 1 && padding === 0) pointwiseGradient(node, scope);
    else tapwiseGradient(node, scope);
  },
};

/**
 * For each group, over all places of all images: dy [Co/G, N·H'·W'] times the x that it meets [Ci/G, N·H'·W'] transposed,
 * which ONNX Runtime does in one.
 */
function pointwiseGradient(node: GraphNode, scope: OnnxScope): void {
  const { stride, groups } = attributesOf(node, conv2dBackwardWeights);
  const [[x, dy], [dw]] = [node.inputs, node.outputs];
  const pixels = channelsOutermost(scope, x);
  const met = reshaped(scope, everyOther(scope, pixels.name, pixels.shape, stride), [groups, x.shape[1] / groups, -1]);
  const [turned] = scope.emit("Transpose", [met], { perm: [0, 2, 1] });
  const gradient = reshaped(scope, channelsOutermost(scope, dy).name, [groups, dy.shape[1] / groups, -1]);
  const [product] = scope.emit("MatMul", [gradient, turned]);
  scope.emit("Reshape", [product, scope.int64(dw.shape)], {}, [scope.name(dw)]);
}

/** What windows of one place reach, of pixels of a shape whose rows and columns are its third and fourth axes, of five. */
function everyOther(scope: OnnxScope, pixels: string, [, , height, width]: Shape, stride: number): string {
  if (stride === 1) return pixels;
  const [start, end, steps] = [scope.int64([0, 0]), scope.int64([height, width]), scope.int64([stride, stride])];
  return scope.emit("Slice", [pixels, start, end, scope.int64([2, 3]), steps])[0];
}

/**
 * A product for each tap of the window and group, over all places of all images: [Ci/G, N·H'·W'] that the tap meets by
 * [N·H'·W', Co/G]; of very few channels one for all taps.
 */
function tapwiseGradient(node: GraphNode, scope: OnnxScope): void {
  const { kernel, stride, padding, groups } = attributesOf(node, conv2dBackwardWeights);
  const [[x, dy], [dw]] = [node.inputs, node.outputs];
  const [inputs, results] = [x.shape[1] / groups, dy.shape[1] / groups];
  const pixels = channelsOutermost(scope, x);
  const reached = [2, 3].map((axis) => stride * (dy.shape[axis] - 1) + 1);
  const after = [0, 1].map((axis) => Math.max(0, reached[axis] - 1 + kernel[axis] - padding - x.shape[axis + 2]));
  const pads = [0, 0, padding, padding, 0, 0, 0, ...after, 0];
  const [padded] = pads.some((zeros) => zeros > 0)
    ? scope.emit("Pad", [pixels.name, scope.int64(pads)])
    : [pixels.name];
  const [axes, steps] = [scope.int64([2, 3]), scope.int64([stride, stride])];
  const met = Array.from({ length: size(kernel) }, (_, tap) => {
    const start = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    const end = start.map((first, axis) => first + reached[axis]);
    const [part] = scope.emit("Slice", [padded, scope.int64(start), scope.int64(end), axes, steps]);
    return reshaped(scope, part, [groups, inputs, -1]);
  });
  const gradient = reshaped(scope, channelsOutermost(scope, dy).name, [groups, results, -1]);
  const [turned] = scope.emit("Transpose", [gradient], { perm: [0, 2, 1] });
  const join = (parts: readonly string[]) => scope.emit("Concat", parts, { axis: 1 })[0];
  const times = (matrix: string) => scope.emit("MatMul", [matrix, turned])[0];
  const products = inputs < NARROW ? times(join(met)) : join(met.map(times));
  const taps = reshaped(scope, products, [groups, size(kernel), inputs, results]);
  const [ordered] = scope.emit("Transpose", [taps], { perm: [0, 3, 2, 1] });
  scope.emit("Reshape", [ordered, scope.int64(dw.shape)], {}, [scope.name(dw)]);
}

/**
 * A convolution whose batch is the channels of a group and whose channels are the images: x [Ci/groups, groups·N, H, W]
 * with the window dy [Co, N, H', W'], dilated by the stride, gives dw [Ci/groups, Co, k, k].
 */
function windowGradient(node: GraphNode, scope: OnnxScope): void {
  const { kernel, stride, padding, groups } = attributesOf(node, conv2dBackwardWeights);
  const [n, channels, height, width] = node.inputs[0].shape;
  const [, , rows, columns] = node.inputs[1].shape;
  const [x, dy] = node.inputs.map((input) => scope.name(input));
  const perGroup = channels / groups;
  const grouped = reshaped(scope, x, [n, groups, perGroup, height * width]);
  const [turned] = scope.emit("Transpose", [grouped], { perm: [2, 1, 0, 3] });
  const images = reshaped(scope, turned, [perGroup, groups * n, height, width]);
  const [window] = scope.emit("Transpose", [dy], { perm: [1, 0, 2, 3] });
  const after = (extent: number, output: number, size: number) => stride * (output - 1) + size - extent - padding;
  const ends = [after(height, rows, kernel[0]), after(width, columns, kernel[1])];
  const [wide] = scope.emit("Conv", [images, window], {
    kernel_shape: [rows, columns],
    dilations: [stride, stride],
    strides: [1, 1],
    pads: [padding, padding, ...ends.map((end) => Math.max(0, end))],
    group: groups,
  });
  const [exact] = ends.some((end) => end < 0)
    ? scope.emit("Slice", [wide, scope.int64([0, 0]), scope.int64(kernel), scope.int64([2, 3])])
    : [wide];
  scope.emit("Transpose", [exact], { perm: [1, 0, 2, 3] }, [scope.name(node.outputs[0])]);
}
