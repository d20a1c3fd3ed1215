import type { GraphNode, Shape } from "../graph.js";
import { attributesOf, type OnnxScope, type OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { channelsByPlaces, MANY_PLACES, reshaped } from "./matrices.js";
import { expectCount, expectRank } from "./shapes.js";

export type Conv2dBackwardWeightsAttributes = Conv2dAttributes & { readonly kernel: readonly number[] };

/** Channels of a group from which on its matrices are worth their while, and taps up to which there are few enough. */
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
    const attributes = attributesOf(node, conv2dBackwardWeights);
    const [x, dy] = node.inputs;
    const { kernel, stride, padding, groups } = attributes;
    const pointwise = kernel[0] * kernel[1] === 1 && padding === 0 && groups === 1;
    if (pointwise) pointwiseGradient(node, scope, everyOther(scope, scope.name(x), x.shape, stride));
    else gradientFor(attributes, x.shape, dy.shape)(node, scope, attributes, x.shape, dy.shape);
  },
};

/** How the gradient of windows of several places is written. */
function gradientFor(
  { kernel, stride, groups }: Conv2dBackwardWeightsAttributes,
  x: Shape,
  [, , rows, columns]: Shape,
) {
  // Matrices of fewer rows are no faster than convolutions, and many taps are many products.
  if (x[1] / groups < NARROW || kernel[0] * kernel[1] > MOST_TAPS) return windowGradient;
  if (groups > 1 && (stride > 1 || rows * columns >= MANY_PLACES)) return selectedGradient;
  return stride === 1 ? tapwiseGradient : windowGradient;
}

/** The pixels of x [N,C,H,W] that windows of one pixel reach. */
function everyOther(scope: OnnxScope, x: string, [, , height, width]: Shape, stride: number): string {
  if (stride === 1) return x;
  const [start, end] = [scope.int64([0, 0]), scope.int64([height, width])];
  return scope.emit("Slice", [x, start, end, scope.int64([2, 3]), scope.int64([stride, stride])])[0];
}

/** dy [Co, N·H'·W'] times x [Ci, N·H'·W'] transposed, which ONNX Runtime does in one. */
function pointwiseGradient(node: GraphNode, scope: OnnxScope, pixels: string): void {
  const [x, dy] = node.inputs;
  const [n, outputs, rows, columns] = dy.shape;
  const inputs = x.shape[1];
  if (4 * outputs * inputs <= (outputs + inputs) * rows * columns) {
    const [places] = scope.emit("Transpose", [reshaped(scope, pixels, [n, inputs, -1])], { perm: [0, 2, 1] });
    const [products] = scope.emit("MatMul", [reshaped(scope, scope.name(dy), [n, outputs, -1]), places]);
    const [sum] = scope.emit("ReduceSum", [products, scope.int64([0])], { keepdims: 0 });
    scope.emit("Reshape", [sum, scope.int64(node.outputs[0].shape)], {}, [scope.name(node.outputs[0])]);
    return;
  }
  const left = channelsByPlaces(scope, scope.name(dy), outputs);
  const [right] = scope.emit("Transpose", [channelsByPlaces(scope, pixels, inputs)], { perm: [1, 0] });
  const [product] = scope.emit("MatMul", [left, right]);
  scope.emit("Reshape", [product, scope.int64(node.outputs[0].shape)], {}, [scope.name(node.outputs[0])]);
}

/**
 * A matrix product for each tap of the window and group: [Ci/G, K] by [K, Co/G], K being all places. With rows of places outermost,
 * [C, H, N, W], and as many zeros behind the gradient's rows as x is wider, what a tap meets of x is a part of it without gaps.
 */
function tapwiseGradient(
  node: GraphNode,
  scope: OnnxScope,
  { kernel, padding, groups }: Conv2dBackwardWeightsAttributes,
  [n, channels, , width]: Shape,
  [, outputs, rows]: Shape,
): void {
  const [x, dy] = node.inputs.map((input) => scope.name(input));
  const rowsOutermost = (value: string) => scope.emit("Transpose", [value], { perm: [1, 2, 0, 3] })[0];
  const [inputs, results] = [channels / groups, outputs / groups];
  const row = n * (width + 2 * padding);
  // One row more, where the last taps end.
  const pads = scope.int64([0, padding, 0, padding, 0, padding + 1, 0, padding]);
  const images = reshaped(scope, scope.emit("Pad", [rowsOutermost(x), pads])[0], [groups, inputs, -1]);
  const wider = scope.int64([0, 0, 0, 0, 0, 0, 0, kernel[1] - 1]);
  const gradient = reshaped(scope, scope.emit("Pad", [rowsOutermost(dy), wider])[0], [groups, results, -1]);
  const [turned] = scope.emit("Transpose", [gradient], { perm: [0, 2, 1] });
  const products = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const start = Math.floor(tap / kernel[1]) * row + (tap % kernel[1]);
    const [from, to] = [scope.int64([start]), scope.int64([start + rows * row])];
    const [met] = scope.emit("Slice", [images, from, to, scope.int64([2])]);
    return scope.emit("MatMul", [met, turned])[0];
  });
  const taps = reshaped(scope, scope.emit("Concat", products, { axis: 1 })[0], [groups, ...kernel, inputs, results]);
  const [ordered] = scope.emit("Transpose", [taps], { perm: [0, 4, 3, 1, 2] });
  scope.emit("Reshape", [ordered, scope.int64(node.outputs[0].shape)], {}, [scope.name(node.outputs[0])]);
}

/**
 * The same of windows that are moved by several places: what a tap meets of x is selected by a depthwise convolution. Products are
 * made for each image: [N·G, Co/G, H'·W'] by [N·G, H'·W', Ci/G].
 */
function selectedGradient(
  node: GraphNode,
  scope: OnnxScope,
  { kernel, stride, padding, groups }: Conv2dBackwardWeightsAttributes,
  [n, channels, height, width]: Shape,
  [, outputs, rows, columns]: Shape,
): void {
  const [x, dy] = node.inputs.map((input) => scope.name(input));
  const [inputs, results] = [channels / groups, outputs / groups];
  const after = (extent: number, output: number, size: number) =>
    Math.max(0, stride * (output - 1) + size - extent - padding);
  const pads = [padding, padding, after(height, rows, kernel[0]), after(width, columns, kernel[1])];
  const gradient = reshaped(scope, dy, [n * groups, results, -1]);
  const area = kernel[0] * kernel[1];
  const products = Array.from({ length: area }, (_, tap) => {
    const one = Array.from({ length: channels * area }, (_, i) => (i % area === tap ? 1 : 0));
    const selection = scope.float(one, [channels, 1, ...kernel]);
    const attributes = { kernel_shape: kernel, strides: [stride, stride], pads, group: channels };
    const met = reshaped(scope, scope.emit("Conv", [x, selection], attributes)[0], [n * groups, inputs, -1]);
    const [turned] = scope.emit("Transpose", [met], { perm: [0, 2, 1] });
    return scope.emit("MatMul", [gradient, turned])[0];
  });
  const joined = reshaped(scope, scope.emit("Concat", products, { axis: 2 })[0], [n, outputs, area, inputs]);
  const [sum] = scope.emit("ReduceSum", [joined, scope.int64([0])], { keepdims: 0 });
  const [ordered] = scope.emit("Transpose", [sum], { perm: [0, 2, 1] });
  scope.emit("Reshape", [ordered, scope.int64(node.outputs[0].shape)], {}, [scope.name(node.outputs[0])]);
}

/**
 * A convolution whose batch is the channels of a group and whose channels are the images: x [Ci/groups, groups·N, H, W]
 * with the window dy [Co, N, H', W'], dilated by the stride, gives dw [Ci/groups, Co, k, k].
 */
function windowGradient(
  node: GraphNode,
  scope: OnnxScope,
  { kernel, stride, padding, groups }: Conv2dBackwardWeightsAttributes,
  [n, channels, height, width]: Shape,
  [, , rows, columns]: Shape,
): void {
  const [x, dy] = node.inputs.map((input) => scope.name(input));
  const perGroup = channels / groups;
  const [grouped] = scope.emit("Reshape", [x, scope.int64([n, groups, perGroup, height * width])]);
  const [turned] = scope.emit("Transpose", [grouped], { perm: [2, 1, 0, 3] });
  const [images] = scope.emit("Reshape", [turned, scope.int64([perGroup, groups * n, height, width])]);
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
