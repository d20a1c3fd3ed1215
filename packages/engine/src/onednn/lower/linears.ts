import type { GraphNode, Shape } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { SpecOf } from "../binding/specs.js";
import type { Plan } from "../plan/plan.js";
import { activationPostOp } from "./activations.js";
import { type Lowering, originOf } from "./lowering.js";

/** Vectors are kept as plain float32 between ops; what kernels read has the plan's precision. */
function specOf(
  { dnn, type }: Plan,
  pass: SpecOf<"innerProduct">["pass"],
  x: Shape,
  outputs: number,
  bias?: MemoryDescriptor,
): SpecOf<"innerProduct"> {
  const weights = [outputs, x[1]];
  return {
    kind: "innerProduct",
    pass,
    source: pass === "backwardData" ? dnn.strided(x, "f32") : dnn.strided(x, type),
    weights: dnn.any(weights, pass === "backwardWeights" ? "f32" : type),
    bias,
    destination: dnn.strided([x[0], outputs], pass === "training" || pass === "inference" ? "f32" : type),
  };
}

const linear: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x, weight, biasValue] = node.inputs;
  const bias = biasValue && plan.tensor(biasValue);
  const fusion = plan.fusions.of(node);
  const pass = plan.graph.updates.length > 0 ? "training" : "inference";
  const spec = specOf(plan, pass, x.shape, weight.shape[0], bias?.layout);
  const descriptor = plan.require(spec, origin, fusion?.activation ? [activationPostOp(fusion.activation.op)] : []);
  plan.parameters.prefer(weight, () =>
    plan.type === "f32" ? descriptor.memory("weights") : weightsGradient(plan, x.shape, weight.shape[0], node).layout,
  );
  const y = plan.allocate(spec.destination);
  const reads = {
    source: plan.as(plan.tensor(x), spec.source, origin),
    weights: plan.as(plan.tensor(weight), descriptor.memory("weights"), origin),
    bias,
  };
  plan.emit(origin, descriptor, reads, { destination: y });
  plan.define(fusion?.result ?? node.outputs[0], y);
};

const linearBackwardData: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [dyValue, weight] = node.inputs;
  const [dxValue] = node.outputs;
  const hint = plan.require(specOf(plan, "training", dxValue.shape, weight.shape[0]), origin);
  const spec = specOf(plan, "backwardData", dxValue.shape, weight.shape[0]);
  const { layout } = plan.tensor(weight);
  // Weights need not be moved where a kernel takes them as they lie.
  const inPlace = layout.type === plan.type ? [{ ...spec, weights: layout }] : [];
  const descriptor = plan.choose([...inPlace, spec], origin, [], hint);
  const dx = plan.allocate(spec.source);
  const reads = {
    destinationGradient: plan.as(plan.tensor(dyValue), spec.destination, origin),
    weights: plan.as(plan.tensor(weight), descriptor.memory("weights"), origin),
  };
  plan.emit(origin, descriptor, reads, { sourceGradient: dx });
  plan.define(dxValue, dx);
};

function weightsGradient(plan: Plan, x: Shape, outputs: number, node: GraphNode, bias?: MemoryDescriptor) {
  const hint = plan.require(specOf(plan, "training", x, outputs), originOf(node));
  const descriptor = plan.require(specOf(plan, "backwardWeights", x, outputs, bias), originOf(node), [], hint);
  return { descriptor, layout: descriptor.memory("weightsGradient") };
}

const linearBackwardWeights: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [x, dy] = node.inputs;
  const biasNode = plan.fusions.of(node)?.biasGradient;
  const bias = biasNode && plan.dnn.strided([dy.shape[1]], "f32");
  const { descriptor, layout } = weightsGradient(plan, x.shape, dy.shape[1], node, bias);
  const dw = plan.allocate(layout);
  const db = bias && plan.allocate(bias);
  const reads = {
    source: plan.as(plan.tensor(x), descriptor.memory("source"), origin),
    destinationGradient: plan.as(plan.tensor(dy), descriptor.memory("destinationGradient"), origin),
  };
  plan.emit(origin, descriptor, reads, { weightsGradient: dw, biasGradient: db });
  plan.define(node.outputs[0], dw);
  if (db) plan.define(biasNode.outputs[0], db);
};

export const linears: Readonly<Record<string, Lowering>> = { linear, linearBackwardData, linearBackwardWeights };
