import { type GraphNode, size } from "../graph.js";
import { attributesOf, type OnnxScope, type OpDefinition } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";
import { convolution } from "./convolution.js";
import { imagesOf, pixelShape } from "./interleaved.js";
import { reshaped } from "./reshaped.js";
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
    const [[dy, weight], [dx]] = [node.inputs, node.outputs];
    const kernel = weight.shape.slice(2);
    const phases = [2, 3].map((axis) => phasesOf(dx.shape[axis], dy.shape[axis], kernel[axis - 2], stride, padding));
    // What is not reached, or reached by padding alone, is left to the transposed convolution.
    const fits = phases.flat().every(({ before, after }) => before >= 0 && after >= 0);
    if (!fits || (stride > 1 && !scope.forCpuTraining)) {
      const names = [dy, weight, dx].map((value) => scope.name(value));
      transposedConvolution(scope, names[0], names[1], attributes, dx.shape, dy.shape, kernel, [names[2]]);
      return;
    }
    const pointwise = groups === 1 && size(kernel) === 1;
    if (stride === 1 && !pointwise) {
      parts(node, scope, phases, [scope.image(dx)]);
      return;
    }
    const made = pointwise ? [[product(node, scope)]] : parts(node, scope, phases);
    imagesOf(scope, node, stride === 1 ? made[0][0] : joined(node, scope, made));
  },
};

/**
 * Every stride-th row (or column) of dx from one on is a convolution of dy with every stride-th of the window's, in
 * reverse order: of `taps` of them from the `first` on, with so many zeros `before` and `after` dy. Less than none are
 * before it where there are no taps.
 */
interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/** Rows (or columns) that no window reaches have no phase, if they are the last of every `stride`. */
function phasesOf(extent: number, results: number, kernel: number, stride: number, padding: number): Phase[] {
  return Array.from({ length: padding === 0 ? Math.min(stride, kernel) : stride }, (_, phase) => {
    const first = (phase + padding) % stride;
    const shift = Math.floor((phase + padding) / stride);
    const taps = Math.ceil((kernel - first) / stride);
    return { first, taps, before: taps - 1 - shift, after: Math.ceil(extent / stride) + shift - results };
  });
}

/** Of windows of one place: the weight transposed times dy, [N,Ci,H'·W']. */
function product(node: GraphNode, scope: OnnxScope): string {
  const [dy, weight] = node.inputs;
  const [outputs, inputs] = weight.shape;
  const [turned] = scope.emit("Transpose", [reshaped(scope, scope.name(weight), [outputs, inputs])], { perm: [1, 0] });
  const pixels = reshaped(scope, scope.image(dy), [scope.imageShape(dy)[0], outputs, -1]);
  return scope.emit("MatMul", [turned, pixels])[0];
}

/** The rows and columns of dx of each phase; `outputs` names them where there is one. */
function parts(
  node: GraphNode,
  scope: OnnxScope,
  [rows, columns]: readonly Phase[][],
  outputs?: readonly string[],
): string[][] {
  const { stride, groups } = attributesOf(node, conv2dBackwardData);
  const [dy, weight] = node.inputs;
  const [results, perGroup, ...extents] = weight.shape;
  const inputs = perGroup * groups;
  // Inputs and outputs of each group exchanged, and taps outermost, where they are soonest chosen.
  const grouped = reshaped(scope, scope.name(weight), [groups, results / groups, perGroup, size(extents)]);
  const [turned] = scope.emit("Transpose", [grouped], { perm: [3, 0, 2, 1] });
  const taps = reshaped(scope, turned, [size(extents), inputs, results / groups]);

  const part = (...phase: readonly Phase[]) => {
    const [along, across] = phase.map((axis) => inReverse(axis, stride));
    const indices = along.flatMap((row) => across.map((column) => row * extents[1] + column));
    const [chosen] = scope.emit("Gather", [taps, scope.int64(indices)], { axis: 0 });
    const [innermost] = scope.emit("Transpose", [chosen], { perm: [1, 2, 0] });
    const kernel = phase.map((axis) => axis.taps);
    const [before, after] = [phase.map((axis) => axis.before), phase.map((axis) => axis.after)];
    const names = [reshaped(scope, innermost, [inputs, results / groups, ...kernel])];
    const window = { kernel, stride: 1, before, after, groups };
    return convolution(scope, scope.image(dy), pixelShape(scope, dy), names, window, outputs);
  };
  return rows.map((row) => columns.map((column) => part(row, column)));
}

function inReverse({ first, taps }: Phase, stride: number): number[] {
  return Array.from({ length: taps }, (_, i) => first + stride * (taps - 1 - i));
}

/** Puts the rows and columns of all phases in their places, and zeros where there are none. */
function joined(node: GraphNode, scope: OnnxScope, phases: readonly (readonly string[])[]): string {
  const { stride } = attributesOf(node, conv2dBackwardData);
  const [images, channels, height, width, interleaved] = pixelShape(scope, node.outputs[0]);
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const join = (parts: readonly string[], axis: number) =>
    parts.length === 1 ? parts[0] : scope.emit("Concat", parts, { axis })[0];
  const place = (part: string) => reshaped(scope, part, [images * channels, rows, 1, columns, 1, interleaved]);
  let result = join(
    phases.map((parts) => join(parts.map(place), 4)),
    2,
  );
  const missing = [stride - phases.length, stride - phases[0].length];
  if (missing.some((count) => count > 0)) {
    const zeros = [0, 0, missing[0], 0, missing[1], 0];
    [result] = scope.emit("Pad", [result, scope.int64([...zeros.map(() => 0), ...zeros])]);
  }
  if (rows * stride === height && columns * stride === width) return result;
  const whole = reshaped(scope, result, [images, channels, rows * stride, columns * stride, interleaved]);
  return scope.emit("Slice", [whole, scope.int64([0, 0]), scope.int64([height, width]), scope.int64([2, 3])])[0];
}
