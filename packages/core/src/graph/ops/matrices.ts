import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";

/** Places of an image from which on ONNX Runtime makes a product for each image sooner than one of all images. */
export const MANY_PLACES = 64;

export function reshaped(scope: OnnxScope, value: string, shape: Shape): string {
  return scope.emit("Reshape", [value, scope.int64(shape)])[0];
}

/** [N,C,H,W] → [C, N·H·W] */
export function channelsByPlaces(scope: OnnxScope, value: string, channels: number): string {
  const [turned] = scope.emit("Transpose", [value], { perm: [1, 0, 2, 3] });
  return reshaped(scope, turned, [channels, -1]);
}
