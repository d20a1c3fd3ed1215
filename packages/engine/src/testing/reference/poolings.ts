import { attributesOf, op, type Shape } from "@regnet/core";
import type { Kernel } from "./kernel.js";
import { planes, zeros } from "./tensor.js";

interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Calls `visit` for every output with its offset and the offsets of the inputs in its window (padding left out). */
function windows(x: Shape, y: Shape, window: Window, visit: (yAt: number, xAts: readonly number[]) => void): void {
  const { kernel, stride, padding } = window;
  const [n, c, height, width] = x;
  const [, , rows, columns] = y;
  for (let plane = 0; plane < n * c; plane++) {
    for (let r = 0; r < rows; r++) {
      for (let s = 0; s < columns; s++) {
        const inside: number[] = [];
        for (let h = r * stride - padding; h < r * stride - padding + kernel; h++) {
          for (let w = s * stride - padding; w < s * stride - padding + kernel; w++) {
            if (h >= 0 && h < height && w >= 0 && w < width) inside.push((plane * height + h) * width + w);
          }
        }
        visit((plane * rows + r) * columns + s, inside);
      }
    }
  }
}

/** The offset of the largest element, the first of equals. */
function largest(data: Float64Array, offsets: readonly number[]): number {
  return offsets.reduce((best, at) => (data[at] > data[best] ? at : best), offsets[0]);
}

const maxPool: Kernel = ([x], node) => {
  const y = zeros(node.outputs[0].shape);
  windows(x.shape, y.shape, attributesOf(node, op.maxPool), (yAt, xAts) => {
    y.data[yAt] = x.data[largest(x.data, xAts)];
  });
  return [y];
};

const maxPoolBackward: Kernel = ([dy, x], node) => {
  const dx = zeros(x.shape);
  windows(x.shape, dy.shape, attributesOf(node, op.maxPoolBackward), (yAt, xAts) => {
    dx.data[largest(x.data, xAts)] += dy.data[yAt];
  });
  return [dx];
};

const averagePool: Kernel = ([x], node) => {
  const window = attributesOf(node, op.averagePool);
  const y = zeros(node.outputs[0].shape);
  windows(x.shape, y.shape, window, (yAt, xAts) => {
    for (const at of xAts) y.data[yAt] += x.data[at] / window.kernel ** 2;
  });
  return [y];
};

const averagePoolBackward: Kernel = ([dy, x], node) => {
  const window = attributesOf(node, op.averagePoolBackward);
  const dx = zeros(x.shape);
  windows(x.shape, dy.shape, window, (yAt, xAts) => {
    for (const at of xAts) dx.data[at] += dy.data[yAt] / window.kernel ** 2;
  });
  return [dx];
};

const globalAveragePool: Kernel = ([x], node) => {
  const { area } = planes(x);
  const y = zeros(node.outputs[0].shape);
  for (let i = 0; i < x.data.length; i++) y.data[Math.floor(i / area)] += x.data[i] / area;
  return [y];
};

const globalAveragePoolBackward: Kernel = ([dy], node) => {
  const dx = zeros(node.outputs[0].shape);
  const { area } = planes(dx);
  for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[Math.floor(i / area)] / area;
  return [dx];
};

export const poolings: Readonly<Record<string, Kernel>> = {
  maxPool,
  maxPoolBackward,
  averagePool,
  averagePoolBackward,
  globalAveragePool,
  globalAveragePoolBackward,
};
