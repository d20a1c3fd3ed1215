import { attributesOf, op } from "@regnet/core";
import type { Kernel } from "./kernel.js";
import { map, type Tensor, zeros } from "./tensor.js";

const softmaxCrossEntropy: Kernel = ([logits, targets], node) => {
  const { labelSmoothing } = attributesOf(node, op.softmaxCrossEntropy);
  const [n, classes] = logits.shape;
  const loss = zeros([1]);
  const gradient = zeros(logits.shape);
  for (let row = 0; row < n; row++) {
    const scores = logits.data.subarray(row * classes, (row + 1) * classes);
    const top = scores.reduce((a, b) => Math.max(a, b));
    const logSum = top + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0));
    for (let k = 0; k < classes; k++) {
      const target = (1 - labelSmoothing) * targets.data[row * classes + k] + labelSmoothing / classes;
      loss.data[0] += (target * (logSum - scores[k])) / n;
      gradient.data[row * classes + k] = (Math.exp(scores[k] - logSum) - target) / n;
    }
  }
  return [loss, gradient];
};

const gradientClip: Kernel = (gradients, node) => {
  const { maximumNorm } = attributesOf(node, op.gradientClip);
  let squares = 0;
  for (const { data } of gradients) for (const value of data) squares += value * value;
  return [{ shape: [1], data: Float64Array.of(Math.min(1, maximumNorm / Math.sqrt(squares))) }];
};

const sgd: Kernel = ([weight, gradient, velocity, rate, scale], node) => {
  const { momentum, nesterov, weightDecay } = attributesOf(node, op.sgd);
  const factor = first(scale, 1);
  const g = map((w, d) => factor * d + weightDecay * w, weight, gradient);
  const next = map((v, d) => momentum * v + d, velocity, g);
  const direction = nesterov ? map((d, v) => d + momentum * v, g, next) : next;
  return [map((w, d) => w - rate.data[0] * d, weight, direction), next];
};

const adamw: Kernel = ([weight, gradient, m, v, rate, step, scale], node) => {
  const { beta1, beta2, epsilon, weightDecay } = attributesOf(node, op.adamw);
  const factor = first(scale, 1);
  const [eta, t] = [rate.data[0], step.data[0]];
  const nextM = map((old, d) => beta1 * old + (1 - beta1) * factor * d, m, gradient);
  const nextV = map((old, d) => beta2 * old + (1 - beta2) * (factor * d) ** 2, v, gradient);
  const next = map(
    (w, a, b) => {
      const change = a / (1 - beta1 ** t) / (Math.sqrt(b / (1 - beta2 ** t)) + epsilon);
      return w * (1 - eta * weightDecay) - eta * change;
    },
    weight,
    nextM,
    nextV,
  );
  return [next, nextM, nextV];
};

const movingAverage: Kernel = ([old, fresh, given], node) => {
  const { share, correction } = attributesOf(node, op.movingAverage);
  const part = first(given, share);
  return [map((a, b) => (1 - part) * a + part * correction * b, old, fresh)];
};

function first(tensor: Tensor | undefined, otherwise: number): number {
  return tensor ? tensor.data[0] : otherwise;
}

export const training: Readonly<Record<string, Kernel>> = {
  softmaxCrossEntropy,
  gradientClip,
  sgd,
  adamw,
  movingAverage,
};
