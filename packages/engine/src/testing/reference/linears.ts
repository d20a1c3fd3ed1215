import type { Kernel } from "./kernel.js";
import { type Tensor, zeros } from "./tensor.js";

/** Calls `visit` with the offsets in x [N,I], weight [O,I] and y [N,O] of every product. */
function products(n: number, [outputs, inputs]: readonly number[], visit: (x: number, w: number, y: number) => void) {
  for (let row = 0; row < n; row++) {
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) visit(row * inputs + i, o * inputs + i, row * outputs + o);
    }
  }
}

const linear: Kernel = ([x, weight, bias], node) => {
  const y = zeros(node.outputs[0].shape);
  if (bias) for (let i = 0; i < y.data.length; i++) y.data[i] = bias.data[i % bias.data.length];
  products(x.shape[0], weight.shape, (xAt, weightAt, yAt) => {
    y.data[yAt] += x.data[xAt] * weight.data[weightAt];
  });
  return [y];
};

const linearBackwardData: Kernel = ([dy, weight], node) => {
  const dx = zeros(node.outputs[0].shape);
  products(dy.shape[0], weight.shape, (xAt, weightAt, yAt) => {
    dx.data[xAt] += dy.data[yAt] * weight.data[weightAt];
  });
  return [dx];
};

const linearBackwardWeights: Kernel = ([x, dy]: readonly Tensor[], node) => {
  const dw = zeros(node.outputs[0].shape);
  products(x.shape[0], dw.shape, (xAt, weightAt, yAt) => {
    dw.data[weightAt] += x.data[xAt] * dy.data[yAt];
  });
  return [dw];
};

export const linears: Readonly<Record<string, Kernel>> = { linear, linearBackwardData, linearBackwardWeights };
