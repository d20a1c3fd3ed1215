import { type Shape, size } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { isDepthwise, type Window } from "./convolutionSpecs.js";
import { sumOver } from "./reductions.js";

/** A depthwise convolution whose windows move by one: its weights' gradient is a convolution again. */
export function isPlainDepthwise(window: Window): boolean {
  return isDepthwise(window) && window.strides[0] === 1 && size(window.y.slice(2)) > 1;
}

/**
 * The gradient of depthwise weights: the output's gradient is the window that moves over the input, for each image and
 * channel, and what it gives is summed over images. In channel blocks this is one depthwise convolution of N·C
 * channels, and the gradient lies as its weights have to without being moved. oneDNN 2.6 has no fast kernel for the
 * gradient of large depthwise windows; this is ten times as fast as its way.
 *
 * @returns undefined where the library has no kernel for so large a window
 */
export function depthwiseGradient(
  plan: Plan,
  window: Window,
  x: Tensor,
  dy: Tensor,
  origin: Origin,
): Tensor | undefined {
  const { layouts, type } = plan;
  const [n, c, height, width] = window.x;
  const blocks = Math.ceil(c / layouts.channelBlock) * layouts.channelBlock;
  const kernel = window.weights.slice(3);
  const [source, moving] = [
    [1, n * blocks, height, width],
    [n * blocks, 1, 1, ...window.y.slice(2)],
  ];
  const result = layouts.blocked([1, n * blocks, ...kernel], "f32");
  const descriptor = plan.describe({
    kind: "convolution",
    pass: "inference",
    source: layouts.blocked(source, type),
    weights: layouts.blockedFirst(moving, type),
    destination: result,
    strides: [1, 1],
    padding: window.padding,
    paddingEnd: window.padding,
  });
  if (!descriptor || !/dw/.test(descriptor.kernel)) return undefined;
  const perImage = plan.allocate(result);
  plan.emit(
    origin,
    descriptor,
    {
      source: plan.as(x, layouts.blocked(window.x, type), origin).view(descriptor.memory("source")),
      weights: plan.as(dy, layouts.blocked(window.y, type), origin).view(descriptor.memory("weights")),
    },
    { destination: perImage },
  );
  return overImages(plan, perImage, n, blocks, window.weights, origin);
}

/** Sums [N·C, k, k] over images; the result lies as depthwise weights in channel blocks. */
function overImages(plan: Plan, perImage: Tensor, n: number, blocks: number, weights: Shape, origin: Origin): Tensor {
  const { dnn, layouts } = plan;
  const rows = perImage.view(dnn.strided([n, blocks * size(weights.slice(3))], "f32"));
  const sum = n === 1 ? rows : sumOver(plan, rows, [0], origin);
  return sum.view(layouts.blockedFirst(weights, "f32"));
}
