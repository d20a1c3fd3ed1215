import { type GraphNode, op, sameShape, type Value } from "@regnet/core";
import type { PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { PostOp } from "../binding/specs.js";
import type { Fusion } from "../fuse/fusions.js";
import type { GeneratedKernel } from "../generated/generatedKernel.js";
import { withDims } from "../plan/parameters.js";
import type { Plan } from "../plan/plan.js";
import type { Operands, Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { activationPostOp } from "./activations.js";
import { asImage, asOperand, chooseWindow, weightsFor } from "./chooseWindow.js";
import { convolutionSpec, type Window, windowOf } from "./convolutionSpecs.js";
import { preferred } from "./convolutions.js";
import { foldedWeights } from "./fold.js";
import { type Lowering, originOf } from "./lowering.js";
import { tapsFirst } from "./onePlace.js";
import { isPlacewise } from "./placewiseGradient.js";

/** A convolution with everything that the plan has fused into it. */
export const conv2d: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [xValue, weightValue] = node.inputs;
  const window = windowOf(xValue.shape, weightValue.shape, node.outputs[0].shape, node);
  const fusion = plan.fusions.of(node);
  const { weight: folded, bias } = operandsOf(node, plan, window, fusion);
  const x = plan.tensor(xValue);
  const addend = fusion?.sum && addendOf(plan, fusion.sum, window, origin);
  const postOps = postOpsOf(fusion);

  const pass = plan.graph.updates.length > 0 ? "training" : "inference";
  const image = plan.layouts.image(window.y, plan.type);
  const source = preferred(plan, x);
  const specs = [
    convolutionSpec(plan, window, pass, { source, bias: bias?.layout, destination: addend?.layout ?? image }),
    // A kernel of its own may have left the source in a layout that this one has none for.
    convolutionSpec(plan, window, pass, {
      source: plan.layouts.image(window.x, plan.type),
      bias: bias?.layout,
      destination: addend?.layout ?? image,
    }),
    convolutionSpec(plan, window, pass, { bias: bias?.layout, destination: addend?.layout }),
  ];
  const biasOf = ({ y: [, channels] }: Window) => bias && plan.dnn.strided([channels], bias.layout.type);
  const { descriptor, window: chosen } = chooseWindow(
    plan,
    window,
    () => plan.choose(specs, origin, postOps),
    (other, layouts) =>
      addend && addend.layout.key !== image.key
        ? undefined
        : plan.describe(convolutionSpec(plan, other, pass, { ...layouts, bias: biasOf(other) }), postOps),
  );
  plan.parameters.prefer(weightValue, () => masterLayout(plan, window, chosen, descriptor));

  const result = descriptor.memory("destination");
  const weights = folded ?? withDims(plan, plan.tensor(weightValue), window.weights, node.name);
  const reads: Operands = {
    source: asOperand(plan, x, descriptor.memory("source"), origin),
    weights: plan.as(weightsFor(plan, weights, window, chosen, origin), descriptor.memory("weights"), origin),
    bias: bias && asOperand(plan, bias, biasOf(chosen)!, origin),
  };
  const y = addend
    ? plan.copyToChange(asOperand(plan, addend, result, origin), origin).view(result)
    : plan.allocate(result);
  const own = ownKernel(plan, chosen, descriptor, bias !== undefined, fusion);
  if (own) plan.emitGenerated(origin, own, reads, { destination: y });
  else plan.emit(origin, descriptor, reads, { destination: y });
  plan.define(fusion?.result ?? node.outputs[0], asImage(plan, y, window.y, origin));
};

interface WeightOperands {
  /** Undefined where the parameter itself serves. */
  readonly weight?: Tensor;
  readonly bias?: Tensor;
}

function operandsOf(node: GraphNode, plan: Plan, window: Window, fusion: Fusion | undefined): WeightOperands {
  if (fusion?.fold) return foldedWeights(node, fusion.fold, plan, window);
  const [, , bias] = node.inputs;
  return { bias: bias && plan.tensor(bias) };
}

/** What a fused sum adds to, in a layout that kernels can be expected to like. */
function addendOf(plan: Plan, value: Value, window: Window, origin: Origin): Tensor {
  const tensor = plan.tensor(value);
  return plan.as(tensor, preferred(plan, tensor) ?? plan.layouts.image(window.y, plan.type), origin);
}

function postOpsOf(fusion: Fusion | undefined): PostOp[] {
  const postOps: PostOp[] = fusion?.sum ? [{ kind: "sum", scale: 1 }] : [];
  if (fusion?.activation) postOps.push(activationPostOp(fusion.activation.op));
  return postOps;
}

function ownKernel(
  { generator }: Plan,
  window: Window,
  descriptor: PrimitiveDescriptor,
  bias: boolean,
  fusion: Fusion | undefined,
): GeneratedKernel | undefined {
  const { sum, activation } = fusion ?? {};
  if (activation && activation.op !== op.relu.name) return undefined;
  return generator?.forward(window, descriptor, { sum: sum !== undefined, bias, relu: activation !== undefined });
}

/** How the float32 master weights lie: as the forward kernel likes them, or with bfloat16 as their gradient comes. */
function masterLayout(plan: Plan, window: Window, chosen: Window, forward: PrimitiveDescriptor): MemoryDescriptor {
  if (!sameShape(window.weights, chosen.weights)) {
    const isMerged = window.weights[0] !== chosen.weights[0];
    return isMerged ? plan.dnn.strided(window.weights, "f32") : tapsFirst(plan, window.weights);
  }
  if (plan.type === "f32") return forward.memory("weights");
  if (isPlacewise(plan, window)) return plan.dnn.strided(window.weights, "f32");
  const spec = convolutionSpec(plan, chosen, "backwardWeights", {
    source: forward.memory("source"),
    destination: forward.memory("destination"),
  });
  const gradient = plan.describe(spec, [], forward);
  return gradient?.memory("weightsGradient") ?? plan.dnn.strided(window.weights, "f32");
}
