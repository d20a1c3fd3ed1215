import { type Shape, size } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { stridesInOrder } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import { Tensor } from "../plan/tensor.js";
import { isDepthwise, type Window } from "./convolutionSpecs.js";

/**
 * The same convolution where its input and output have one place: the images of a batch are then the places of one row,
 * and of a larger window only the tap over that place counts. Kernels go along rows, so they are three times as fast on
 * a row of N places as on N maps of one.
 *
 * @returns undefined for larger maps, for a single image, and for depthwise convolutions
 */
export function rowWindow(window: Window): Window | undefined {
  const { x, weights, y, padding } = window;
  const kernel = weights.slice(-2);
  const onePlace = size(x.slice(2)) === 1 && size(y.slice(2)) === 1 && padding.every((pad, i) => pad < kernel[i]);
  if (!onePlace || isDepthwise(window) || x[0] === 1) return undefined;
  const row = ([images, channels]: Shape): Shape => [1, channels, 1, images];
  return {
    x: row(x),
    weights: [...weights.slice(0, -2), 1, 1],
    y: row(y),
    strides: [1, 1],
    padding: [0, 0],
  };
}

/** The tap of `window`'s weights that meets the one place of its input. */
export function meetingTap(plan: Plan, weights: Tensor, { padding }: Window, origin: Origin): Tensor {
  const { block, offset } = plan.as(weights, tapsFirst(plan, weights.dims), origin);
  const dims = weights.dims.slice(0, -2);
  const tap = padding[0] * weights.dims.at(-1)! + padding[1];
  return new Tensor(block, plan.dnn.strided([...dims, 1, 1], "f32"), offset + 4 * tap * size(dims));
}

/** Weights […, height, width] with one tap of all channels after the other. */
export function tapsFirst({ dnn }: Plan, weights: Shape): MemoryDescriptor {
  const axes = weights.map((_, axis) => axis);
  return dnn.strided(weights, "f32", stridesInOrder(weights, [...axes.slice(-2), ...axes.slice(0, -2)]));
}
