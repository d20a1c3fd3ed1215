import { type Shape, sameShape } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Layouts } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import type { Window } from "./convolutionSpecs.js";

/**
 * The same convolution with as many neighbouring groups taken for one as fill whole channel blocks: its weights are
 * block diagonals. The library's fast kernels know only such groups; narrower or odd ones go through one small matrix
 * product an image and group, which is several times slower than the products with zero. Where channels do not fill
 * their last block, the convolution has the channels of its padding as well, which are zero.
 *
 * @returns undefined where groups fill blocks already, or do not fit
 */
export function mergedWindow({ layouts }: Plan, window: Window): Window | undefined {
  if (window.weights.length < 5) return undefined;
  const [groups, outputs, inputs, ...kernel] = window.weights;
  const count = mergedCount(layouts, groups, [outputs, inputs]);
  if (count === undefined || count === 1) return undefined;
  const merged = Math.ceil(groups / count);
  const channels = (width: number) => merged * count * width;
  const padded = ([n, , ...places]: Shape, width: number) => [n, channels(width), ...places];
  return {
    ...window,
    x: padded(window.x, inputs),
    weights: [merged, count * outputs, count * inputs, ...kernel],
    y: padded(window.y, outputs),
  };
}

/** How many neighbouring groups fill blocks: with channels last, where images have no padding, a divisor of their number. */
function mergedCount(layouts: Layouts, groups: number, widths: readonly number[]): number | undefined {
  const { name, groupBlock, channelBlock, tiled } = layouts;
  const fills = (count: number, block: number) => widths.every((width) => (count * width) % block === 0);
  if (name === "blocked") {
    let count = 1;
    while (!fills(count, groupBlock)) count++;
    const padding = Math.ceil(groups / count) * count - groups;
    return widths.every((width) => padding * width < groupBlock) ? count : undefined;
  }
  if (!tiled) return undefined;
  const divisors = Array.from({ length: groups }, (_, i) => i + 1).filter((count) => groups % count === 0);
  const filling = (block: number) => divisors.find((count) => fills(count, block));
  return filling(groupBlock) ?? filling(channelBlock);
}

/** `tensor` followed by zeros, up to the first extent of `wanted`. */
export function headOf(plan: Plan, tensor: Tensor, wanted: MemoryDescriptor, origin: Origin): Tensor {
  const result = plan.allocate(wanted);
  result.block.permanent = true; // what lies behind stays zero, as memory is in the beginning
  plan.copy(tensor, result.view(plan.dnn.strided(tensor.dims, wanted.type)), origin);
  return result;
}

/** Weights [G, O, I, …] as `window`, of merged groups, wants them: as block diagonals. */
export function blockDiagonal(plan: Plan, weights: Tensor, window: Window, origin: Origin): Tensor {
  const { whole, diagonal, all } = layoutsOf(plan, weights.dims, window);
  const known = weights.variants.find(({ layout }) => layout.key === whole.key);
  if (known) return known;
  const result = plan.allocate(whole);
  result.block.permanent = true; // what lies beside the diagonal stays zero, as memory is in the beginning
  const plain = plan.as(weights, plan.dnn.strided(weights.dims, "f32"), origin);
  const complete = sameShape(all.dims, weights.dims) ? plain : headOf(plan, plain, all, origin);
  plan.copy(complete.view(plan.dnn.strided(diagonal.dims, "f32")), result.view(diagonal), origin);
  weights.variants.push(result);
  return result;
}

/** The gradient of weights [G, O, I, …], from that of `window`'s weights. */
export function diagonalBlocks(
  plan: Plan,
  gradient: Tensor,
  dims: readonly number[],
  window: Window,
  origin: Origin,
): Tensor {
  if (dims[0] === window.weights[0]) return gradient;
  const { whole, diagonal } = layoutsOf(plan, dims, window);
  const result = plan.allocate(plan.dnn.strided(diagonal.dims, "f32"));
  plan.copy(plan.as(gradient, whole, origin).view(diagonal), result, origin);
  return result.view(plan.dnn.strided(dims, "f32"));
}

/**
 * Merged weights [G/M, M·O, M·I, …], and of the same memory the blocks on their diagonals [G/M, M, O, I, …]: one step
 * from block to block is one of O rows and I columns. `all` is [G', O, I, …] in plain order, G' = G but for padding.
 */
function layoutsOf(
  { dnn }: Plan,
  [, outputs, inputs, ...kernel]: readonly number[],
  { weights: [groups, rows, columns] }: Window,
): { whole: MemoryDescriptor; diagonal: MemoryDescriptor; all: MemoryDescriptor } {
  const [height, width] = kernel;
  const column = height * width;
  const row = columns * column;
  const step = outputs * row + inputs * column;
  // Groups lie a little further apart than they need, so that the diagonal of one ends before the next begins.
  const count = rows / outputs;
  const group = count * step;
  return {
    all: dnn.strided([groups * count, outputs, inputs, ...kernel], "f32"),
    whole: dnn.strided([groups, rows, columns, ...kernel], "f32", [group, row, column, width, 1]),
    diagonal: dnn.strided([groups, count, outputs, inputs, ...kernel], "f32", [group, step, row, column, width, 1]),
  };
}
