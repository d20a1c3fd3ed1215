import { attributesOf, op } from "@regnet/core";
import type { Kernel } from "./kernel.js";
import { map, planes, spread, zeros } from "./tensor.js";

const multiply: Kernel = ([x, factor]) => {
  const y = zeros(x.shape);
  spread(x.shape, factor.shape, (i, k) => {
    y.data[i] = x.data[i] * factor.data[k];
  });
  return [y];
};

const channelScale: Kernel = ([x, scale]) => {
  const { c, area } = planes(x);
  const y = zeros(x.shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i] * scale.data[Math.floor(i / area) % c];
  return [y];
};

const reduceSum: Kernel = ([x], node) => {
  const { axes } = attributesOf(node, op.reduceSum);
  const y = zeros(node.outputs[0].shape);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  spread(x.shape, kept, (i, k) => {
    y.data[k] += x.data[i];
  });
  return [y];
};

const renamed: Kernel = ([x], node) => [{ shape: node.outputs[0].shape, data: x.data.slice() }];

export const elementwise: Readonly<Record<string, Kernel>> = {
  add: ([a, b]) => [map((u, v) => u + v, a, b)],
  multiply,
  channelScale,
  reduceSum,
  reshape: renamed,
  dropPath: renamed,
};
