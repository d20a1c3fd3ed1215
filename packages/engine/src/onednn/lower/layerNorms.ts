import { attributesOf, op, type Shape } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { SpecOf } from "../binding/specs.js";
import { channelsLastLayout } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Tensor } from "../plan/tensor.js";
import { type Lowering, originOf } from "./lowering.js";

/** Images with channels last, seen as [N, H, W, C]; vectors in float32. */
function rows(plan: Plan, tensor: Tensor, origin: { node: string; op: string }): Tensor {
  const { dims } = tensor;
  if (dims.length === 2) return plan.as(tensor, plan.dnn.strided(dims, "f32"), origin);
  const [n, c, h, w] = dims;
  const last = plan.as(tensor, channelsLastLayout(plan.dnn, dims, plan.type), origin);
  return last.view(plan.dnn.strided([n, h, w, c], plan.type));
}

/** `rows` undone: an image again. */
function asImage(plan: Plan, tensor: Tensor, dims: Shape): Tensor {
  return dims.length === 2 ? tensor : tensor.view(channelsLastLayout(plan.dnn, dims, tensor.layout.type));
}

function layerNormSpec(
  plan: Plan,
  data: MemoryDescriptor,
  pass: SpecOf<"layerNorm">["pass"],
  epsilon: number,
): SpecOf<"layerNorm"> {
  return { kind: "layerNorm", pass, data, statistics: plan.dnn.strided(data.dims.slice(0, -1), "f32"), epsilon };
}

export const layerNorm: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x0, gamma, beta] = node.inputs.map((value) => plan.tensor(value));
  const x = rows(plan, x0, origin);
  const training = node.op === op.layerNormTraining.name;
  const { epsilon } = attributesOf(node, op.layerNorm);
  const descriptor = plan.require(layerNormSpec(plan, x.layout, training ? "training" : "inference", epsilon), origin);
  const y = plan.allocate(x.layout);
  const [mean, variance] = training
    ? node.outputs.slice(1).map(({ shape }) => plan.allocate(plan.dnn.strided(shape, "f32")))
    : [];
  const writes = { destination: y, mean, variance };
  plan.emit(origin, descriptor, { source: x, scale: gamma, shift: beta }, writes, training ? undefined : [y, x]);
  const results = [asImage(plan, y, node.outputs[0].shape), mean, variance];
  for (const [i, output] of node.outputs.entries()) plan.define(output, results[i]);
};

export const layerNormBackward: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [dy0, x0, gamma, mean, variance] = node.inputs.map((value) => plan.tensor(value));
  const [dy, x] = [rows(plan, dy0, origin), rows(plan, x0, origin)];
  const { epsilon } = attributesOf(node, op.layerNormBackward);
  const hint = plan.require(layerNormSpec(plan, x.layout, "training", epsilon), origin);
  const descriptor = plan.require(layerNormSpec(plan, x.layout, "backward", epsilon), origin, [], hint);
  const [dx, dgamma, dbeta] = [x.layout, gamma.layout, gamma.layout].map((layout) => plan.allocate(layout));
  plan.emit(
    origin,
    descriptor,
    { source: x, mean, variance, destinationGradient: dy, scale: gamma, shift: gamma },
    { sourceGradient: dx, scaleGradient: dgamma, shiftGradient: dbeta },
    [dx, dy],
  );
  const results = [asImage(plan, dx, node.outputs[0].shape), dgamma, dbeta];
  for (const [i, output] of node.outputs.entries()) plan.define(output, results[i]);
};
