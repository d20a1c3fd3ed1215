import { type Shape, sameShape } from "@regnet/core";
import type { PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { channelsLastLayout } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { type ConvolutionLayouts, isDepthwise, type Window } from "./convolutionSpecs.js";
import { blockDiagonal, headOf, mergedWindow } from "./mergedGroups.js";
import { meetingTap, rowWindow } from "./onePlace.js";

/** A kernel for a convolution as it is, or for one that computes the same. */
export interface Choice {
  readonly descriptor: PrimitiveDescriptor;
  readonly window: Window;
}

/**
 * The kernel for the convolution that is computed in place of one: a row of images where maps have one place, else
 * itself, or merged groups where they are too narrow to fill blocks: those have no fast kernel, or one with a layout of its
 * own. Depthwise convolutions have kernels made for them.
 *
 * @param own describes the convolution as it is
 * @param describe describes one that computes the same, in given layouts
 */
export function chooseWindow(
  plan: Plan,
  window: Window,
  own: () => PrimitiveDescriptor,
  describe: (window: Window, layouts: ConvolutionLayouts) => PrimitiveDescriptor | undefined,
): Choice {
  const choiceOf = (other: Window | undefined, layout: (dims: Shape) => MemoryDescriptor): Choice | undefined => {
    const descriptor = other && describe(other, { source: layout(other.x), destination: layout(other.y) });
    return descriptor && isMadeForThePurpose(descriptor.kernel) ? { descriptor, window: other } : undefined;
  };
  const row = choiceOf(rowWindow(window), (dims) => channelsLastLayout(plan.dnn, dims, plan.type));
  if (row) return row;
  const isBest = isDepthwise(window) && isMadeForThePurpose(own().kernel);
  const merged = isBest ? undefined : mergedWindow(plan, window);
  return choiceOf(merged, (dims) => plan.layouts.image(dims, plan.type)) ?? { descriptor: own(), window };
}

/** Weights of `window` as those of the window chosen in its place. */
export function weightsFor(plan: Plan, weights: Tensor, window: Window, chosen: Window, origin: Origin): Tensor {
  if (sameShape(window.weights, chosen.weights)) return weights;
  const isMerged = window.weights[0] !== chosen.weights[0];
  return isMerged ? blockDiagonal(plan, weights, chosen, origin) : meetingTap(plan, weights, window, origin);
}

/** `tensor`, an image or a vector of channels, as the kernel for a chosen window reads it. */
export function asOperand(plan: Plan, tensor: Tensor, wanted: MemoryDescriptor, origin: Origin): Tensor {
  if (sameShape(tensor.dims, wanted.dims)) return plan.as(tensor, wanted, origin);
  if (tensor.dims.length === 1) return headOf(plan, tensor, wanted, origin);
  return plan.as(tensor, sharedLayout(plan, tensor.dims, wanted), origin).view(wanted);
}

/** What the kernel for a chosen window wrote, as an image of the convolution's own. */
export function asImage(plan: Plan, tensor: Tensor, dims: Shape, origin: Origin): Tensor {
  if (sameShape(tensor.dims, dims)) return tensor;
  const image = plan.layouts.image(dims, tensor.layout.type);
  return plan.as(tensor.view(sharedLayout(plan, dims, tensor.layout)), image, origin);
}

/**
 * The layout of an image whose memory is that of a chosen window's: channel blocks, with their padding where groups are
 * merged; for a row of images, the same while their channels fill the blocks, else channels last.
 */
function sharedLayout(plan: Plan, dims: Shape, { bytes, type }: MemoryDescriptor): MemoryDescriptor {
  const image = plan.layouts.image(dims, type);
  return image.bytes === bytes ? image : channelsLastLayout(plan.dnn, dims, type);
}
