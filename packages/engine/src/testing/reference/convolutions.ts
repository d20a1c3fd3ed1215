import { attributesOf, type GraphNode, op, type Shape } from "@regnet/core";
import type { Kernel } from "./kernel.js";
import { zeros } from "./tensor.js";

interface Window {
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** Calls `visit` with the offsets in x, weight and y of every product that a convolution sums up. */
function products(window: Window, visit: (xAt: number, weightAt: number, yAt: number) => void): void {
  const { x, weight, y, stride, padding, groups } = window;
  const [n, channels, height, width] = x;
  const [outputs, perGroup, kernelHeight, kernelWidth] = weight;
  const [, , rows, columns] = y;
  for (let image = 0; image < n; image++) {
    for (let o = 0; o < outputs; o++) {
      const group = Math.floor(o / (outputs / groups));
      for (let i = 0; i < perGroup; i++) {
        const channel = image * channels + group * perGroup + i;
        for (let u = 0; u < kernelHeight; u++) {
          for (let v = 0; v < kernelWidth; v++) {
            const weightAt = ((o * perGroup + i) * kernelHeight + u) * kernelWidth + v;
            for (let r = 0; r < rows; r++) {
              const h = r * stride + u - padding;
              if (h < 0 || h >= height) continue;
              for (let s = 0; s < columns; s++) {
                const w = s * stride + v - padding;
                if (w < 0 || w >= width) continue;
                visit((channel * height + h) * width + w, weightAt, ((image * outputs + o) * rows + r) * columns + s);
              }
            }
          }
        }
      }
    }
  }
}

const conv2d: Kernel = ([x, weight, bias], node) => {
  const y = zeros(node.outputs[0].shape);
  const [, outputs, rows, columns] = y.shape;
  if (bias) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = bias.data[Math.floor(i / (rows * columns)) % outputs];
  }
  products({ ...windowOf(node), x: x.shape, weight: weight.shape, y: y.shape }, (xAt, weightAt, yAt) => {
    y.data[yAt] += x.data[xAt] * weight.data[weightAt];
  });
  return [y];
};

const conv2dBackwardData: Kernel = ([dy, weight], node) => {
  const dx = zeros(node.outputs[0].shape);
  products({ ...windowOf(node), x: dx.shape, weight: weight.shape, y: dy.shape }, (xAt, weightAt, yAt) => {
    dx.data[xAt] += dy.data[yAt] * weight.data[weightAt];
  });
  return [dx];
};

const conv2dBackwardWeights: Kernel = ([x, dy], node) => {
  const dw = zeros(node.outputs[0].shape);
  products({ ...windowOf(node), x: x.shape, weight: dw.shape, y: dy.shape }, (xAt, weightAt, yAt) => {
    dw.data[weightAt] += x.data[xAt] * dy.data[yAt];
  });
  return [dw];
};

function windowOf(node: GraphNode) {
  const { stride, padding, groups } = attributesOf(node, op.conv2d);
  return { stride, padding, groups };
}

export const convolutions: Readonly<Record<string, Kernel>> = { conv2d, conv2dBackwardData, conv2dBackwardWeights };
