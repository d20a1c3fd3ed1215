import { attributesOf, type GraphNode, op } from "@regnet/core";
import type { KernelGenerator } from "../generated/generatedKernel.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { inChunks, runsOf } from "./slabs.js";
import { targetOf } from "./targets.js";
import { sharedBy, type Updating } from "./updating.js";
import { Vectors } from "./vectors.js";

/** The input that is the learning rate; a scale of the gradients may follow. */
const FIRST_SHARED = 3;

/** Momentum over weight decay, up to which `descend` has room for both in float32. */
const MOST_DECAYS = 2 ** 20;

/** SGD over all weights that share their settings. */
export const sgd: Updating = (nodes, plan) => {
  const [first] = nodes;
  const origin = { node: "sgd", op: first.op };
  const updates = nodes.map((node) => ({ item: node, operands: operandsOf(node, plan, origin) }));
  const update = plan.generator ? ownUpdate(plan, plan.generator, first, origin) : libraryUpdate(plan, first, origin);
  for (const run of runsOf(plan, updates)) update(run.operands);
};

/** Changes a weight by its gradient, and their velocity with it. */
type Update = (operands: readonly Tensor[]) => void;

function ownUpdate(plan: Plan, generator: KernelGenerator, node: GraphNode, origin: Origin): Update {
  const { momentum, nesterov, weightDecay } = attributesOf(node, op.sgd);
  const numbers = node.inputs.slice(FIRST_SHARED).map((value) => plan.asHost(plan.tensor(value), origin));
  const [rate, scale] = numbers;
  return ([weight, gradient, velocity]) => {
    const [length] = weight.dims;
    const kernel = generator.descent({ length, momentum, nesterov, weightDecay, isScaled: scale !== undefined });
    plan.emitGenerated(origin, kernel, { 2: gradient, 3: rate, 4: scale }, { 0: weight, 1: velocity });
  };
}

/** Two kernels, or a few more with clipping, or with Nesterov's momentum and next to no weight decay. */
function libraryUpdate(plan: Plan, node: GraphNode, origin: Origin): Update {
  const { momentum, nesterov, weightDecay } = attributesOf(node, op.sgd);
  const vectors = new Vectors(plan, origin);
  const { isScaled, one, decay, share, slope, minusRate, shrink, minusSlope, minusMomentum } = sharedBy(
    node,
    FIRST_SHARED,
    plan,
    () => factorsOf(node, plan, vectors, origin),
  );
  const descends = nesterov && !isScaled && momentum / weightDecay <= MOST_DECAYS;
  return (operands) =>
    inChunks(plan, operands, ([weight, gradient, velocity]) => {
      if (weightDecay !== 0 && !isScaled) vectors.accumulateBoth(velocity, weight, decay, gradient, momentum);
      else {
        vectors.accumulate(velocity, gradient, isScaled ? slope : one, momentum);
        if (weightDecay !== 0) vectors.accumulate(velocity, weight, decay, 1);
      }
      if (descends) vectors.descend(weight, gradient, velocity, { share, weightDecay, minusRate });
      else if (nesterov) {
        vectors.accumulate(weight, weight, shrink, 0);
        vectors.accumulate(weight, gradient, minusSlope, 1);
        vectors.accumulate(weight, velocity, minusMomentum, 1);
      } else vectors.accumulate(weight, velocity, minusRate, 1);
    });
}

/** The step's factors, of which those that depend on the rate and the scale are computed in JavaScript once a run. */
function factorsOf(node: GraphNode, plan: Plan, vectors: Vectors, origin: Origin) {
  const { momentum, weightDecay } = attributesOf(node, op.sgd);
  const [rateValue, scaleValue] = node.inputs.slice(FIRST_SHARED);
  const rate = plan.asHost(plan.tensor(rateValue), origin);
  const scale = scaleValue && plan.asHost(plan.tensor(scaleValue), origin);
  const [one, decay, share] = [1, weightDecay, momentum / weightDecay].map((value) => vectors.scalar(value));
  const [slope, minusRate, shrink, minusSlope, minusMomentum] = [1, 0, 0, 0, 0].map((value) => vectors.scalar(value));
  const scalars = [slope, minusRate, shrink, minusSlope, minusMomentum];
  plan.host(origin, scale ? [rate, scale] : [rate], scalars, () => {
    const [eta, s] = [rate.block.array![0], scale ? scale.block.array![0] : 1];
    const values = [s, -eta, 1 - eta * weightDecay, -eta * s, -eta * momentum];
    for (const [i, tensor] of scalars.entries()) tensor.block.array![0] = values[i];
  });
  const isScaled = scale !== undefined;
  return { isScaled, one, decay, share, slope, minusRate, shrink, minusSlope, minusMomentum };
}

function operandsOf(node: GraphNode, plan: Plan, origin: Origin): Tensor[] {
  const [weight, gradient, velocity] = node.inputs;
  const w = targetOf(plan, node, weight, node.outputs[0], origin);
  const like = w.layout;
  plan.parameters.prefer(velocity, () => like);
  const v = inLayout(plan, targetOf(plan, node, velocity, node.outputs[1], origin), w, origin);
  const g = inLayout(plan, plan.tensor(gradient), w, origin);
  plan.define(node.outputs[0], w);
  plan.define(node.outputs[1], v);
  return [w, g, v];
}

/** `tensor` in the layout of `model`. Dimensions may be written otherwise, with groups apart. */
export function inLayout(plan: Plan, tensor: Tensor, model: Tensor, origin: Origin): Tensor {
  return plan.as(withSameDims(plan, tensor, model, origin), model.layout, origin);
}

function withSameDims(plan: Plan, tensor: Tensor, model: Tensor, origin: Origin): Tensor {
  if (tensor.dims.join() === model.dims.join()) return tensor;
  const plain = plan.as(tensor, plan.dnn.strided(tensor.dims, "f32"), origin);
  return plain.view(plan.dnn.strided(model.dims, "f32"));
}
