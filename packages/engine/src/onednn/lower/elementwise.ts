import { attributesOf, type GraphNode, op, sameShape, size } from "@regnet/core";
import { elementBytes } from "../binding/constants.js";
import { isReference } from "../plan/kernels.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { activationPostOp } from "./activations.js";
import { binary, binarySpec, matching, sumOf, together } from "./binary.js";
import { expand } from "./expand.js";
import { type Lowering, originOf } from "./lowering.js";
import { normalise } from "./normalisations.js";
import { poolings } from "./poolings.js";
import { reductions } from "./reductions.js";

const add: Lowering = (node, plan) => {
  const fusion = plan.fusions.of(node);
  if (fusion?.spread) {
    const { product, pooling } = fusion.spread;
    if (scaledAndSpread(plan, product, pooling, node)) return;
    multiply(product, plan);
    poolings[pooling.op](pooling, plan);
  }
  const [a, b] = node.inputs.map((value) => plan.tensor(value));
  const postOps = fusion?.activation ? [activationPostOp(fusion.activation.op)] : [];
  plan.define(fusion?.result ?? node.outputs[0], sumOf(plan, a, b, originOf(node), postOps));
};

/** An image times a factor for each channel, and another number for each spread over the places, in one pass where that is possible. */
function scaledAndSpread(plan: Plan, product: GraphNode, pooling: GraphNode, sum: GraphNode): boolean {
  const origin = originOf(sum);
  const { layouts, type, generator } = plan;
  const image = layouts.image(sum.outputs[0].shape, type);
  const kernel = generator?.scaledAndSpread(image);
  if (!kernel) return false;
  const [x, scale, shift] = [...product.inputs, pooling.inputs[0]].map((value) => plan.tensor(value));
  const numbers = layouts.image(scale.dims, type);
  const source = plan.as(x, image, origin);
  const reads = { source, scale: plan.as(scale, numbers, origin), shift: plan.as(shift, numbers, origin) };
  const y = plan.allocate(image);
  plan.emitGenerated(origin, kernel, reads, { destination: y }, [y, source]);
  plan.define(sum.outputs[0], y);
  return true;
}

const multiply: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x, factor] = node.inputs.map((value) => plan.tensor(value));
  const placesSum = plan.fusions.of(node)?.placesSum;
  if (placesSum && channelProducts(plan, x, factor, placesSum, origin)) return;
  plan.define(node.outputs[0], product(plan, x, factor, origin));
  if (placesSum) reductions.reduceSum(placesSum, plan);
};

/** The sums over places of two images' product, without the product, where that is possible. */
function channelProducts(plan: Plan, a: Tensor, b: Tensor, { outputs: [output] }: GraphNode, origin: Origin): boolean {
  const { layouts, type, dnn, generator } = plan;
  const image = layouts.image(a.dims, type);
  const kernel = generator?.channelProducts(image);
  if (!kernel) return false;
  const [source, second] = [a, b].map((tensor) => plan.as(tensor, image, origin));
  const [n, c] = a.dims;
  const sums = plan.allocate(layouts.image([n, c, 1, 1], type));
  plan.emitGenerated(origin, kernel, { source, second }, { destination: sums });
  // Numbers for each channel lie in channel blocks as in plain order.
  plan.define(output, sums.view(dnn.strided(output.shape, "f32")));
  return true;
}

/** x times a factor of its shape, or one that is spread over it. */
function product(plan: Plan, x: Tensor, factor: Tensor, origin: Origin): Tensor {
  if (sameShape(x.dims, factor.dims)) {
    const [a, b] = together(plan, x, factor, origin);
    return matching(plan, origin, "multiply", a, b);
  }
  const [n, c, ...area] = factor.dims;
  const perImage = n === x.dims[0] && size(area) === 1;
  if (perImage && c === 1) return scaleImages(plan, x, factor, origin);
  if (perImage && x.dims.length === 4 && c === x.dims[1]) return scaleChannels(plan, x, factor, origin);
  const plain = plan.as(x, plan.dnn.strided(x.dims, "f32"), origin);
  return matching(plan, origin, "multiply", plain, expand(plan, factor, x.dims, origin));
}

/** A factor for each image: the batch takes the place of the channels. */
function scaleImages(plan: Plan, x: Tensor, factor: Tensor, origin: Origin): Tensor {
  const { dnn } = plan;
  const { type, bytes } = x.layout;
  const [n] = x.dims;
  const rows = x.view(dnn.strided([1, n, 1, bytes / elementBytes[type] / n], type));
  const plain = plan.as(factor, dnn.strided(factor.dims, "f32"), origin);
  return binary(plan, origin, "multiply", rows, plain.view(dnn.strided([1, n, 1, 1], "f32"))).view(x.layout);
}

/** A factor for each channel of each image: in channel blocks, images and channels are one dimension. */
function scaleChannels(plan: Plan, x0: Tensor, factor0: Tensor, origin: Origin): Tensor {
  const { dnn, layouts, type } = plan;
  if (layouts.name === "channelsLast") {
    const [image, spread] = [x0, factor0].map((tensor) => plan.as(tensor, layouts.image(tensor.dims, type), origin));
    return binary(plan, origin, "multiply", image, spread);
  }
  const x = plan.as(x0, layouts.blocked(x0.dims, type), origin);
  const factor = plan.as(factor0, layouts.blocked(factor0.dims, type), origin);
  const own = plan.generator?.scaledChannels(x.layout);
  if (own) {
    const y = plan.allocate(x.layout);
    plan.emitGenerated(origin, own, { source: x, scale: factor }, { destination: y }, [y, x]);
    return y;
  }
  const [n, c, h, w] = x.dims;
  const channels = n * Math.ceil(c / layouts.channelBlock) * layouts.channelBlock;
  const flat = x.view(layouts.blocked([1, channels, h, w], type));
  const spread = factor.view(layouts.blocked([1, channels, 1, 1], type));
  const multiplies = plan.describe(binarySpec("multiply", flat, spread));
  const scaled =
    multiplies && !isReference(multiplies.kernel)
      ? binary(plan, origin, "multiply", flat, spread)
      : scaleAsNorm(plan, flat, spread.view(dnn.strided([channels], type)), origin);
  return scaled.view(x.layout);
}

/** An image of float32 times a factor for each channel, as a batch norm of mean 0 and variance 1. */
function scaleAsNorm(plan: Plan, x: Tensor, factors: Tensor, origin: Origin): Tensor {
  const [zeros, ones] = [0, 1].map((value) => plan.constant(new Float32Array(factors.dims[0]).fill(value)));
  return normalise(plan, x, { mean: zeros, variance: ones, scale: factors, shift: zeros, epsilon: 0 }, origin);
}

const channelScale: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x0, scale] = node.inputs.map((value) => plan.tensor(value));
  const x = plan.as(x0, plan.layouts.image(x0.dims, plan.type), origin);
  const vector = plan.as(scale, plan.dnn.strided(scale.dims, "f32"), origin);
  const dims = [1, x.dims[1], 1, 1];
  const spread = plan.as(vector.view(plan.dnn.strided(dims, "f32")), plan.layouts.image(dims, "f32"), origin);
  plan.define(node.outputs[0], binary(plan, origin, "multiply", x, spread));
};

const dropPath: Lowering = (node, plan) => {
  plan.define(node.outputs[0], plan.tensor(node.inputs[0]));
};

const reshape: Lowering = (node, plan) => {
  const x = plan.tensor(node.inputs[0]);
  const { type } = x.layout;
  const plain = plan.as(x, plan.dnn.strided(x.dims, type), originOf(node));
  const { shape } = attributesOf(node, op.reshape);
  plan.define(node.outputs[0], plain.view(plan.dnn.strided([x.dims[0], ...shape], type)));
};

export const elementwise: Readonly<Record<string, Lowering>> = { add, multiply, channelScale, dropPath, reshape };
