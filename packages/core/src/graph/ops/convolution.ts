import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";
import { reshaped } from "./reshaped.js";

/** A window that slides over images, with rows and columns of zeros before and after them. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly groups: number;
}

/**
 * Writes a convolution of images with a weight [Co,Ci/groups,k,k] and a bias [Co]?.
 *
 * @param shape the images' [N,C,H,W,1], or [1,C,H,W,N] where they are interleaved and a window meets every Nth column
 */
export function convolution(
  scope: OnnxScope,
  images: string,
  shape: Shape,
  [weight, ...bias]: readonly string[],
  { kernel, stride, before, after, groups }: Window,
  outputs?: readonly string[],
): string {
  const interleaved = shape[4];
  if (stride === 1 || interleaved === 1) {
    const pads = [before, after].flatMap(([row, column]) => [row, column * interleaved]);
    const dilations = [1, kernel[1] > 1 ? interleaved : 1];
    const attributes = { kernel_shape: [...kernel], strides: [stride, stride], dilations, pads, group: groups };
    return scope.emit("Conv", [images, weight, ...bias], attributes, outputs)[0];
  }
  const [rows, columns] = [0, 1].map((axis) => {
    const extent = shape[axis + 2] + before[axis] + after[axis];
    return Math.floor((extent - kernel[axis]) / stride) + 1;
  });
  // In three dimensions, of which the window has one place in the last.
  const deep = reshaped(scope, weight, [0, 0, ...kernel, 1]);
  const [result] = scope.emit("Conv", [reshaped(scope, images, shape), deep, ...bias], {
    kernel_shape: [...kernel, 1],
    strides: [stride, stride, 1],
    pads: [...before, 0, ...after, 0],
    group: groups,
  });
  return scope.emit("Reshape", [result, scope.int64([1, -1, rows, columns * interleaved])], {}, outputs)[0];
}
