import type { PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import type { Window } from "./convolutionSpecs.js";

/**
 * The same convolution with as many neighbouring groups taken for one as fill whole channel blocks: its weights are
 * block diagonals. The library's fast kernels know only such groups; narrower or odd ones go through one small matrix
 * product an image and group, which is several times slower than the products with zero.
 *
 * @returns undefined where groups fill blocks already, or do not fit
 */
export function mergedWindow({ dnn, layouts }: Plan, window: Window): Window | undefined {
  if (layouts.name !== "blocked" || window.weights.length < 5) return undefined;
  const [groups, outputs, inputs, ...kernel] = window.weights;
  const fills = (count: number) => [outputs, inputs].every((width) => (count * width) % dnn.channelBlock === 0);
  let count = 1;
  while (!fills(count)) count++;
  if (count === 1 || groups % count > 0) return undefined;
  return { ...window, weights: [groups / count, count * outputs, count * inputs, ...kernel] };
}

/** A kernel for a convolution as it is, or for the one with merged groups. */
export interface Choice {
  readonly descriptor: PrimitiveDescriptor;
  readonly window: Window;
}

/** What `choose` finds for the window, or for the one with merged groups where only that has a fast kernel. */
export function chooseWindow(plan: Plan, window: Window, choose: (window: Window) => PrimitiveDescriptor): Choice {
  const own = { descriptor: choose(window), window };
  if (isMadeForThePurpose(own.descriptor.kernel)) return own;
  const merged = mergedWindow(plan, window);
  const other = merged && { descriptor: choose(merged), window: merged };
  return other && isMadeForThePurpose(other.descriptor.kernel) ? other : own;
}

/** Weights [G, O, I, …] as `window` wants them: themselves, or as block diagonals. */
export function blockDiagonal(plan: Plan, weights: Tensor, window: Window, origin: Origin): Tensor {
  if (weights.dims[0] === window.weights[0]) return weights;
  const { whole, diagonal } = layoutsOf(plan, weights.dims, window);
  const known = weights.variants.find(({ layout }) => layout.key === whole.key);
  if (known) return known;
  const result = plan.allocate(whole);
  result.block.permanent = true; // what lies beside the diagonal stays zero, as memory is in the beginning
  const plain = plan.as(weights, plan.dnn.strided(weights.dims, "f32"), origin);
  plan.copy(plain.view(plan.dnn.strided(diagonal.dims, "f32")), result.view(diagonal), origin);
  weights.variants.push(result);
  return result;
}

/** The gradient of weights [G, O, I, …] from that of `window`'s weights. */
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
 * from block to block is one of O rows and I columns.
 */
function layoutsOf(
  { dnn }: Plan,
  [, outputs, inputs, ...kernel]: readonly number[],
  { weights: [groups, rows, columns] }: Window,
): { whole: MemoryDescriptor; diagonal: MemoryDescriptor } {
  const [height, width] = kernel;
  const column = height * width;
  const row = columns * column;
  const step = outputs * row + inputs * column;
  // Groups lie a little further apart than they need, so that the diagonal of one ends before the next begins.
  const group = (rows / outputs) * step;
  return {
    whole: dnn.strided([groups, rows, columns, ...kernel], "f32", [group, row, column, width, 1]),
    diagonal: dnn.strided([groups, rows / outputs, outputs, inputs, ...kernel], "f32", [
      group,
      step,
      row,
      column,
      width,
      1,
    ]),
  };
}
