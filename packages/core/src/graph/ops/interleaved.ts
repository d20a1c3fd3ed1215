import { type GraphNode, type Shape, sameShape, type Value } from "../graph.js";
import type { OnnxScope } from "../op.js";
import { reshaped } from "./reshaped.js";

/** Whether the node being written has a value as interleaved images. */
export function isInterleaved(scope: OnnxScope, value: Value): boolean {
  return !sameShape(scope.imageShape(value), value.shape);
}

/** The shape of images as the node has them, with an axis for those interleaved: [1,C,H,W,N], or [N,C,H,W,1]. */
export function pixelShape(scope: OnnxScope, value: Value): Shape {
  const [images, channels, height, width] = scope.imageShape(value);
  return [images, channels, height, value.shape[3], width / value.shape[3]];
}

/** Images with channels outermost, and their shape: [C,1,H,W,N] where they are interleaved, or [C,N,H,W,1]. */
export function channelsOutermost(scope: OnnxScope, value: Value): { name: string; shape: Shape } {
  const [images, channels, ...places] = pixelShape(scope, value);
  const shape = [channels, images, ...places];
  if (images === 1) return { name: reshaped(scope, scope.image(value), shape), shape };
  const [turned] = scope.emit("Transpose", [scope.image(value)], { perm: [1, 0, 2, 3] });
  return { name: reshaped(scope, turned, shape), shape };
}

/** Interleaved images [1,C,H,W·N] → [C, H·W, N], for work that sets images apart but not their places. */
export function placesByImages(scope: OnnxScope, value: Value): string {
  const [n, channels] = value.shape;
  return reshaped(scope, scope.image(value), [channels, -1, n]);
}

/** Ends a node whose images have been made in another shape that has the same order. */
export function imagesOf(scope: OnnxScope, node: GraphNode, result: string): void {
  const [output] = node.outputs;
  scope.emit("Reshape", [result, scope.int64(scope.imageShape(output))], {}, [scope.image(output)]);
}
