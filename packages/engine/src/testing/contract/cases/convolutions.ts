import { op } from "@regnet/core";
import { CaseBuilder, type OpCase } from "../opCase.js";

interface Convolution {
  readonly name: string;
  readonly n: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly height: number;
  readonly width: number;
}

const SHAPES: readonly Convolution[] = [
  conv("1×1", { inputs: 16, outputs: 32 }),
  conv("1×1, batch 1, odd channels", { n: 1, inputs: 13, outputs: 7, height: 5, width: 3 }),
  conv("1×1 with stride, as a shortcut", { inputs: 24, outputs: 40, stride: 2, height: 9, width: 7 }),
  conv("1×1 over one pixel, as in squeeze-excitation", { inputs: 20, outputs: 6, height: 1, width: 1 }),
  conv("1×1 over one pixel, as in the last stage of a small image", { inputs: 48, outputs: 32, height: 1, width: 1 }),
  conv("1×1 of group width 16 over one pixel", { inputs: 48, outputs: 48, groups: 3, height: 1, width: 1 }),
  conv("3×3 stem of three channels", {
    inputs: 3,
    outputs: 32,
    kernel: 3,
    stride: 2,
    padding: 1,
    height: 15,
    width: 14,
  }),
  conv("3×3 of group width 8", { inputs: 24, outputs: 24, groups: 3, kernel: 3, padding: 1 }),
  conv("3×3 of group width 16", { inputs: 32, outputs: 32, groups: 2, kernel: 3, padding: 1, height: 9, width: 9 }),
  conv("3×3 of group width 5, stride 2", { inputs: 15, outputs: 15, groups: 3, kernel: 3, stride: 2, padding: 1 }),
  conv("3×3 of group width 24, stride 2, batch 1", {
    n: 1,
    inputs: 48,
    outputs: 48,
    groups: 2,
    kernel: 3,
    stride: 2,
    padding: 1,
    height: 8,
    width: 8,
  }),
  conv("3×3 of group width 2", { inputs: 48, outputs: 48, groups: 24, kernel: 3, padding: 1 }),
  conv("3×3 of group width 4, stride 2", { inputs: 32, outputs: 32, groups: 8, kernel: 3, stride: 2, padding: 1 }),
  conv("3×3 of group width 12", { inputs: 96, outputs: 96, groups: 8, kernel: 3, padding: 1 }),
  conv("3×3 of group width 4 in 12 channels", { inputs: 12, outputs: 12, groups: 3, kernel: 3, padding: 1 }),
  conv("3×3 of group width 2 in 14 channels over 2×2", {
    ...{ inputs: 14, outputs: 14, groups: 7, kernel: 3, padding: 1 },
    ...{ height: 2, width: 2 },
  }),
  conv("3×3 from group width 2 to 4", { inputs: 32, outputs: 64, groups: 16, kernel: 3, padding: 1 }),
  conv("3×3 of group width 4 over 2×2", {
    ...{ inputs: 32, outputs: 32, groups: 8, kernel: 3, padding: 1 },
    ...{ height: 2, width: 2 },
  }),
  conv("3×3 of group width 16 over 2×2", {
    ...{ inputs: 48, outputs: 48, groups: 3, kernel: 3, padding: 1 },
    ...{ height: 2, width: 2 },
  }),
  conv("5×5 of group width 16 over 4×2, stride 2", {
    ...{ inputs: 32, outputs: 64, groups: 2, kernel: 5, stride: 2, padding: 2 },
    ...{ height: 4, width: 2 },
  }),
  conv("5×5 of group width 16 over 2×4, stride 2", {
    ...{ inputs: 32, outputs: 32, groups: 2, kernel: 5, stride: 2, padding: 2 },
    ...{ height: 2, width: 4 },
  }),
  conv("3×3 of group width 2 over one pixel, batch 1", {
    ...{ n: 1, inputs: 32, outputs: 32, groups: 16, kernel: 3, padding: 1 },
    ...{ height: 1, width: 1 },
  }),
  conv("depthwise 3×3 over one pixel", {
    ...{ inputs: 16, outputs: 16, groups: 16, kernel: 3, padding: 1 },
    ...{ height: 1, width: 1 },
  }),
  conv("3×3 whose groups change width", { inputs: 12, outputs: 18, groups: 6, kernel: 3, padding: 1 }),
  conv("3×3 over one pixel", { inputs: 16, outputs: 16, groups: 2, kernel: 3, padding: 1, height: 1, width: 1 }),
  conv("3×3 of one group over one pixel, stride 2", {
    ...{ inputs: 16, outputs: 32, kernel: 3, stride: 2, padding: 1 },
    ...{ height: 1, width: 1 },
  }),
  conv("2×2 that meets one pixel with its last weight", {
    ...{ inputs: 32, outputs: 32, groups: 2, kernel: 2, stride: 3, padding: 1 },
    ...{ height: 1, width: 1 },
  }),
  conv("depthwise 3×3, stride 2", { inputs: 19, outputs: 19, groups: 19, kernel: 3, stride: 2, padding: 1 }),
  conv("depthwise 7×7", { inputs: 20, outputs: 20, groups: 20, kernel: 7, padding: 3, height: 9, width: 8 }),
  conv("depthwise 7×7 over a smaller map", {
    inputs: 16,
    outputs: 16,
    groups: 16,
    kernel: 7,
    padding: 3,
    height: 3,
    width: 4,
  }),
  conv("4×4 patches", { inputs: 3, outputs: 24, kernel: 4, stride: 4, height: 12, width: 8 }),
  conv("2×2 at every third pixel", { inputs: 12, outputs: 16, kernel: 2, stride: 3, height: 8, width: 9 }),
  conv("1×1 of group width 8, stride 2", { inputs: 24, outputs: 24, groups: 3, stride: 2 }),
  conv("2×2 patches with a remainder", { inputs: 12, outputs: 24, kernel: 2, stride: 2, height: 7, width: 9 }),
];

function conv(name: string, given: Partial<Convolution> & Pick<Convolution, "inputs" | "outputs">): Convolution {
  return { name, n: 3, groups: 1, kernel: 1, stride: 1, padding: 0, height: 7, width: 6, ...given };
}

/** Convolutions and both of their gradients. */
export function convolutionCases(): OpCase[] {
  return SHAPES.flatMap((shape) => [forward(shape), forward(shape, true), backwardData(shape), backwardWeights(shape)]);
}

function imageShape({ n, inputs, height, width }: Convolution): number[] {
  return [n, inputs, height, width];
}

function weightShape({ outputs, inputs, groups, kernel }: Convolution): number[] {
  return [outputs, inputs / groups, kernel, kernel];
}

function outputShape(shape: Convolution): number[] {
  const { stride, padding, groups } = shape;
  return [...op.conv2d.shapes([imageShape(shape), weightShape(shape)], { stride, padding, groups })[0]];
}

function forward(shape: Convolution, bias = false): OpCase {
  const { stride, padding, groups, outputs, n } = shape;
  const b = new CaseBuilder(`conv2d ${shape.name}${bias ? ", bias" : ""}`, n);
  const x = b.input("x", imageShape(shape));
  const weight = b.weight("weight", weightShape(shape));
  const inputs = bias ? [x, weight, b.weight("bias", [outputs])] : [x, weight];
  return b.outputs(b.one(op.conv2d, inputs, { stride, padding, groups })).build();
}

function backwardData(shape: Convolution): OpCase {
  const { stride, padding, groups, height, width, n } = shape;
  const b = new CaseBuilder(`conv2dBackwardData ${shape.name}`, n);
  const inputs = [b.input("dy", outputShape(shape)), b.weight("weight", weightShape(shape))];
  const attributes = { stride, padding, groups, size: [height, width] };
  return b.outputs(b.one(op.conv2dBackwardData, inputs, attributes)).build();
}

function backwardWeights(shape: Convolution): OpCase {
  const { stride, padding, groups, kernel, n } = shape;
  const b = new CaseBuilder(`conv2dBackwardWeights ${shape.name}`, n);
  const inputs = [b.input("x", imageShape(shape)), b.input("dy", outputShape(shape))];
  const attributes = { stride, padding, groups, kernel: [kernel, kernel] };
  return b.outputs(b.one(op.conv2dBackwardWeights, inputs, attributes)).build();
}
