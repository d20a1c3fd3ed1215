import { attributesOf, op } from "@regnet/core";
import { type Lowering, originOf } from "./lowering.js";

/** Softmax cross-entropy runs in JavaScript: a few thousand numbers, and the place where a loss that is no number shows. */
const softmaxCrossEntropy: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [logits, targets] = node.inputs.map((value) => plan.asHost(plan.tensor(value), origin));
  const [loss, gradient] = node.outputs.map(({ shape }) => plan.allocateHost(shape));
  const { labelSmoothing } = attributesOf(node, op.softmaxCrossEntropy);
  const [n, classes] = logits.dims;
  plan.host(origin, [logits, targets], [loss, gradient], () => {
    const [x, t, dx] = [logits, targets, gradient].map(({ block }) => block.array!);
    let total = 0;
    for (let row = 0; row < n; row++) total += lossOfRow(x, t, dx, row * classes, classes, labelSmoothing, n);
    loss.block.array![0] = total / n;
  });
  plan.define(node.outputs[0], loss);
  plan.define(node.outputs[1], gradient);
};

/** Loss of one image; its share of the gradient is written into `dx`. */
function lossOfRow(
  x: Float32Array,
  t: Float32Array,
  dx: Float32Array,
  start: number,
  classes: number,
  smoothing: number,
  n: number,
): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + classes; i++) if (x[i] > top) top = x[i];
  let sum = 0;
  for (let i = start; i < start + classes; i++) {
    const e = Math.exp(x[i] - top);
    dx[i] = e;
    sum += e;
  }
  const logSum = Math.log(sum) + top;
  const [keep, spread] = [1 - smoothing, smoothing / classes];
  let loss = 0;
  for (let i = start; i < start + classes; i++) {
    const target = keep * t[i] + spread;
    if (target !== 0) loss += target * (logSum - x[i]);
    dx[i] = (dx[i] / sum - target) / n;
  }
  return loss;
}

export const losses: Readonly<Record<string, Lowering>> = { softmaxCrossEntropy };
