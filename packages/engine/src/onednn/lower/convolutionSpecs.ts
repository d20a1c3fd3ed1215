import type { GraphNode, Shape } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Pair, SpecOf } from "../binding/specs.js";
import type { Plan } from "../plan/plan.js";

/** The shapes of one convolution, however it is reached: forward, or by one of its gradients. */
export interface Window {
  readonly x: Shape;
  /** With a group dimension in front where there are groups. */
  readonly weights: Shape;
  readonly y: Shape;
  readonly strides: Pair;
  readonly padding: Pair;
}

export function windowOf(x: Shape, weights: Shape, y: Shape, { attributes }: Pick<GraphNode, "attributes">): Window {
  const { stride, padding, groups } = attributes as { stride: number; padding: number; groups: number };
  const [outputs, ...rest] = weights;
  return {
    x,
    weights: groups > 1 ? [groups, outputs / groups, ...rest] : weights,
    y,
    strides: [stride, stride],
    padding: [padding, padding],
  };
}

/** True for a convolution of one channel a group. */
export function isDepthwise({ weights }: Window): boolean {
  const [, outputs, inputs] = weights;
  return weights.length === 5 && outputs === 1 && inputs === 1;
}

/** Layouts of a convolution's operands; those left out are the library's choice. */
export interface ConvolutionLayouts {
  readonly source?: MemoryDescriptor;
  readonly weights?: MemoryDescriptor;
  readonly bias?: MemoryDescriptor;
  readonly destination?: MemoryDescriptor;
}

export function convolutionSpec(
  plan: Plan,
  { x, weights, y, strides, padding }: Window,
  pass: SpecOf<"convolution">["pass"],
  layouts: ConvolutionLayouts,
): SpecOf<"convolution"> {
  const { dnn, type } = plan;
  const weightsType = pass === "backwardWeights" ? "f32" : type;
  return {
    kind: "convolution",
    pass,
    source: layouts.source ?? dnn.any(x, type),
    weights: layouts.weights ?? dnn.any(weights, weightsType),
    bias: layouts.bias,
    destination: layouts.destination ?? dnn.any(y, type),
    strides,
    padding,
    paddingEnd: padding,
  };
}
