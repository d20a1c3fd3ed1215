import { type Shape, size } from "../graph.js";
import { attributesOf, type OpDefinition } from "../op.js";
import { conv2dBackwardData } from "./conv2dBackwardData.js";
import { conv2dBackwardWeights } from "./conv2dBackwardWeights.js";
import { convolution } from "./convolution.js";
import { pixelShape } from "./interleaved.js";
import { reduceSum } from "./reduceSum.js";
import { expectCount, expectRank, expectShape, shapeError, windowExtent } from "./shapes.js";

export type Conv2dAttributes = { readonly stride: number; readonly padding: number; readonly groups: number };

/** Multiply-adds of a convolution over one image with an output of `height`×`width`, plus one a bias element. */
export function conv2dFlops(
  kernel: number,
  inputs: number,
  outputs: number,
  groups: number,
  height: number,
  width: number,
  bias = false,
): number {
  return ((kernel * kernel * inputs * outputs) / groups + (bias ? outputs : 0)) * height * width;
}

/** Weights of a convolution, biases included. */
export function conv2dParams(kernel: number, inputs: number, outputs: number, groups: number, bias = false): number {
  return (kernel * kernel * inputs * outputs) / groups + (bias ? outputs : 0);
}

/** (x [N,Ci,H,W], weight [Co,Ci/groups,k,k], bias [Co]?) → [N,Co,H',W'] */
export const conv2d: OpDefinition<Conv2dAttributes> = {
  name: "conv2d",

  shapes(inputs, { stride, padding, groups }) {
    expectCount("conv2d", inputs, 2, 3);
    const [x, weight, bias] = inputs;
    expectRank("conv2d", "x", x, 4);
    expectRank("conv2d", "weight", weight, 4);
    const [n, channels, height, width] = x;
    const [outputs, perGroup, kernelHeight, kernelWidth] = weight;
    if (channels !== perGroup * groups || outputs % groups !== 0) {
      throw shapeError(
        "conv2d",
        `${channels} → ${outputs} channels do not split into ${groups} groups of weight [${weight}]`,
      );
    }
    if (bias) expectShape("conv2d", "bias", bias, [outputs]);
    return [
      [
        n,
        outputs,
        windowExtent("conv2d", height, kernelHeight, stride, padding),
        windowExtent("conv2d", width, kernelWidth, stride, padding),
      ],
    ];
  },

  cost(inputs, attributes) {
    const [, weight, bias] = inputs;
    const [, outputs, height, width] = conv2d.shapes(inputs, attributes)[0];
    const acts = outputs * height * width;
    return { flops: size(weight.slice(1)) * acts + (bias ? acts : 0), acts };
  },

  gradient(node, [dy], scope) {
    if (!dy) return [];
    const { stride, padding, groups } = attributesOf(node, conv2d);
    const [x, weight, bias] = node.inputs;
    const shared = { stride, padding, groups };
    const [dx] = scope.apply(
      conv2dBackwardData,
      [dy, weight],
      { ...shared, size: spatial(x.shape) },
      `${node.name}.dx`,
    );
    const [dw] = scope.apply(
      conv2dBackwardWeights,
      [x, dy],
      { ...shared, kernel: spatial(weight.shape) },
      `${node.name}.dw`,
    );
    const db = bias && scope.apply(reduceSum, [dy], { axes: [0, 2, 3], keepDims: false }, `${node.name}.db`)[0];
    return [dx, dw, db];
  },

  onnx(node, scope) {
    const { stride, padding, groups } = attributesOf(node, conv2d);
    const [x, weight, ...bias] = node.inputs;
    const zeros = [padding, padding];
    const window = { kernel: spatial(weight.shape), stride, before: zeros, after: zeros, groups };
    const names = [weight, ...bias].map((value) => scope.name(value));
    convolution(scope, scope.image(x), pixelShape(scope, x), names, window, [scope.image(node.outputs[0])]);
  },
};

function spatial(shape: Shape): number[] {
  return [shape[2], shape[3]];
}
