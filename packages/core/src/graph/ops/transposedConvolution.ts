import type { Shape } from "../graph.js";
import type { OnnxScope } from "../op.js";
import type { Conv2dAttributes } from "./conv2d.js";

/**
 * Writes dx [N,Ci,H,W] of a convolution from dy [N,Co,H',W'] and weight [Co,Ci/groups,k,k] as `ConvTranspose`.
 * Rows and columns of x that no window reaches get zero.
 */
export function transposedConvolution(
  scope: OnnxScope,
  dy: string,
  weight: string,
  { stride, padding, groups }: Conv2dAttributes,
  x: Shape,
  y: Shape,
  kernel: readonly number[],
  outputs?: readonly string[],
): string[] {
  const missing = [0, 1].map((axis) => x[axis + 2] + 2 * padding - (y[axis + 2] - 1) * stride - kernel[axis]);
  return scope.emit(
    "ConvTranspose",
    [dy, weight],
    {
      kernel_shape: [...kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      output_padding: missing,
      group: groups,
    },
    outputs,
  );
}
