import type { EltwiseAlgorithm, PostOp } from "../binding/specs.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { flat } from "./flat.js";
import { type Lowering, originOf } from "./lowering.js";

const forward: Readonly<Record<string, { algorithm: EltwiseAlgorithm; alpha?: number }>> = {
  relu: { algorithm: "relu" },
  sigmoid: { algorithm: "logistic" },
  silu: { algorithm: "swish", alpha: 1 },
  gelu: { algorithm: "geluErf" },
};

/** The post-op that an activation is. */
export function activationPostOp(op: string): PostOp {
  return { kind: "eltwise", ...forward[op] };
}

const activation: Lowering = (node, plan) => {
  const origin = originOf(node);
  const image = plan.tensor(node.inputs[0]);
  const keepsZero = node.op !== "sigmoid";
  const tensor = keepsZero ? image : plan.as(image, plan.dnn.strided(image.dims, image.layout.type), origin);
  const x = flat(plan, tensor);
  const spec = { kind: "eltwise", pass: "inference", ...forward[node.op], data: x.layout } as const;
  const y = plan.allocate(x.layout);
  plan.emit(origin, plan.require(spec, origin), { source: x }, { destination: y }, [y, x]);
  plan.define(node.outputs[0], y.view(tensor.layout));
};

/** Gradients written with the activation's result in place of its argument, and those that need the argument. */
const backward: Readonly<Record<string, { algorithm: EltwiseAlgorithm; alpha?: number }>> = {
  reluBackward: { algorithm: "reluFromOutput" },
  sigmoidBackward: { algorithm: "logisticFromOutput" },
  siluBackward: { algorithm: "swish", alpha: 1 },
  geluBackward: { algorithm: "geluErf" },
};

const gradient: Lowering = (node, plan) => {
  const origin = originOf(node);
  const image = plan.tensor(node.inputs[1]);
  const reference = flat(plan, image);
  const dy = flat(plan, plan.as(plan.tensor(node.inputs[0]), image.layout, origin));
  const { algorithm, alpha } = backward[node.op];
  const shared = { kind: "eltwise", algorithm, alpha, data: reference.layout } as const;
  const hint = plan.require({ ...shared, pass: "training" }, origin);
  const descriptor = plan.require({ ...shared, pass: "backward" }, origin, [], hint);
  const dx = plan.allocate(reference.layout);
  const operand = algorithm.endsWith("FromOutput") ? { destination: reference } : { source: reference };
  plan.emit(origin, descriptor, { ...operand, destinationGradient: dy }, { sourceGradient: dx }, [dx, dy]);
  plan.define(node.outputs[0], dx.view(image.layout));
};

/**
 * A comparison times the result's gradient: the library's own gradient of ReLU takes three times as long where the caches
 * hold the images.
 */
const reluGradient: Lowering = (node, plan) => {
  const origin = originOf(node);
  const image = plan.tensor(node.inputs[1]);
  const y = flat(plan, image);
  const dy = flat(plan, plan.as(plan.tensor(node.inputs[0]), image.layout, origin));
  const zero = plan.zero(y.layout.type);
  const { layout } = y;
  const descriptor = plan.describe(
    { kind: "binary", algorithm: "greater", first: layout, second: zero.layout, destination: layout },
    [{ kind: "binary", algorithm: "multiply", operand: dy.layout }],
  );
  if (!descriptor || !isMadeForThePurpose(descriptor.kernel)) return gradient(node, plan);
  const dx = plan.allocate(layout);
  const reads = { source: y, second: zero, [plan.dnn.postOpArgument(0)]: dy };
  plan.emit(origin, descriptor, reads, { destination: dx }, [dx, dy]);
  plan.define(node.outputs[0], dx.view(image.layout));
};

export const activations: Readonly<Record<string, Lowering>> = {
  relu: activation,
  sigmoid: activation,
  silu: activation,
  gelu: activation,
  reluBackward: reluGradient,
  sigmoidBackward: gradient,
  siluBackward: gradient,
  geluBackward: gradient,
};
