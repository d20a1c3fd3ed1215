import { attributesOf, op, type Shape, size } from "@regnet/core";
import type { Kernel } from "./kernel.js";
import { type Tensor, zeros } from "./tensor.js";

/** For an element's offset in [N,C,…]: the channel it belongs to, and its position when the channel is left out. */
function places(shape: Shape): { channel(i: number): number; position(i: number): number; positions: number } {
  const [n, c] = shape;
  const area = size(shape.slice(2));
  return {
    channel: (i) => Math.floor(i / area) % c,
    position: (i) => Math.floor(i / (area * c)) * area + (i % area),
    positions: n * area,
  };
}

/** Mean and biased variance of the elements that `of` sends to the same bin. */
function moments(x: Tensor, bins: number, of: (i: number) => number): { mean: Float64Array; variance: Float64Array } {
  const mean = new Float64Array(bins);
  const variance = new Float64Array(bins);
  const count = x.data.length / bins;
  for (let i = 0; i < x.data.length; i++) mean[of(i)] += x.data[i] / count;
  for (let i = 0; i < x.data.length; i++) variance[of(i)] += (x.data[i] - mean[of(i)]) ** 2 / count;
  return { mean, variance };
}

/** (x − mean) / √(variance + ε), with mean and variance of the element's bin. */
function normalised(
  x: Tensor,
  mean: Float64Array,
  variance: Float64Array,
  epsilon: number,
  of: (i: number) => number,
): Float64Array {
  return x.data.map((value, i) => (value - mean[of(i)]) / Math.sqrt(variance[of(i)] + epsilon));
}

function affine(x: Tensor, hat: Float64Array, gamma: Tensor, beta: Tensor): Tensor {
  const { channel } = places(x.shape);
  return { shape: x.shape, data: hat.map((value, i) => value * gamma.data[channel(i)] + beta.data[channel(i)]) };
}

/** dx, dγ and dβ of y = γ·x̂ + β where x̂ is normalised over the bins of `of`. */
function gradients(
  [dy, x, gamma, mean, variance]: readonly Tensor[],
  epsilon: number,
  of: (i: number) => number,
): Tensor[] {
  const { channel } = places(x.shape);
  const bins = mean.data.length;
  const count = x.data.length / bins;
  const hat = normalised(x, mean.data, variance.data, epsilon, of);
  const [dx, dgamma, dbeta] = [zeros(x.shape), zeros(gamma.shape), zeros(gamma.shape)];
  const scaled = dy.data.map((value, i) => value * gamma.data[channel(i)]);
  const meanScaled = new Float64Array(bins);
  const meanProduct = new Float64Array(bins);
  for (let i = 0; i < scaled.length; i++) {
    dgamma.data[channel(i)] += dy.data[i] * hat[i];
    dbeta.data[channel(i)] += dy.data[i];
    meanScaled[of(i)] += scaled[i] / count;
    meanProduct[of(i)] += (scaled[i] * hat[i]) / count;
  }
  for (let i = 0; i < scaled.length; i++) {
    const centred = scaled[i] - meanScaled[of(i)] - hat[i] * meanProduct[of(i)];
    dx.data[i] = centred / Math.sqrt(variance.data[of(i)] + epsilon);
  }
  return [dx, dgamma, dbeta];
}

const batchNorm: Kernel = ([x, gamma, beta, mean, variance], node) => {
  const { epsilon } = attributesOf(node, op.batchNorm);
  return [affine(x, normalised(x, mean.data, variance.data, epsilon, places(x.shape).channel), gamma, beta)];
};

const batchNormTraining: Kernel = ([x, gamma, beta], node) => {
  const { epsilon } = attributesOf(node, op.batchNormTraining);
  const { channel } = places(x.shape);
  const { mean, variance } = moments(x, x.shape[1], channel);
  const y = affine(x, normalised(x, mean, variance, epsilon, channel), gamma, beta);
  return [y, { shape: gamma.shape, data: mean }, { shape: gamma.shape, data: variance }];
};

const layerNormTraining: Kernel = ([x, gamma, beta], node) => {
  const { epsilon } = attributesOf(node, op.layerNormTraining);
  const { position, positions } = places(x.shape);
  const { mean, variance } = moments(x, positions, position);
  const y = affine(x, normalised(x, mean, variance, epsilon, position), gamma, beta);
  const shape = x.shape.filter((_, axis) => axis !== 1);
  return [y, { shape, data: mean }, { shape, data: variance }];
};

export const normalisations: Readonly<Record<string, Kernel>> = {
  batchNorm,
  batchNormTraining,
  batchNormBackward: (inputs, node) =>
    gradients(inputs, attributesOf(node, op.batchNormBackward).epsilon, places(inputs[1].shape).channel),
  layerNorm: (inputs, node) => layerNormTraining(inputs, node).slice(0, 1),
  layerNormTraining,
  layerNormBackward: (inputs, node) =>
    gradients(inputs, attributesOf(node, op.layerNormBackward).epsilon, places(inputs[1].shape).position),
};
