import { type GraphNode, type Shape, sameShape, size, type Value } from "@regnet/core";
import type { PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { isPlacewiseGradient } from "../fuse/fusions.js";
import type { WeightsGradientKernel } from "../generated/generatedKernel.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { channelsLastLayout, isPlain } from "../plan/layouts.js";
import { withDims } from "../plan/parameters.js";
import type { Plan } from "../plan/plan.js";
import type { Operands, Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { sumOf } from "./binary.js";
import { asImage, asOperand, chooseWindow, weightsFor } from "./chooseWindow.js";
import { conv2d } from "./conv2d.js";
import { convolutionSpec, type Window, windowOf } from "./convolutionSpecs.js";
import { depthwiseGradient, isPlainDepthwise } from "./depthwiseGradient.js";
import { type Lowering, originOf } from "./lowering.js";
import { diagonalBlocks, mergedWindow } from "./mergedGroups.js";
import { rowWindow } from "./onePlace.js";
import { isPlacewise, placewiseGradient } from "./placewiseGradient.js";
import { sumOver } from "./reductions.js";
import { smallMapGradient } from "./smallMapGradient.js";

/** A tensor's layout where kernels can be expected to like it; images in plain layout are left to the library. */
export function preferred(plan: Plan, tensor: Tensor): MemoryDescriptor | undefined {
  const { layout, dims } = tensor;
  return layout.type === plan.type && !(isPlain(layout) && dims[1] > 4) ? layout : undefined;
}

const conv2dBackwardData: Lowering = (node, plan) => {
  const { sum, result = node.outputs[0] } = plan.fusions.of(node) ?? {};
  const added = sum && gradientOnto(plan, node, sum);
  const gradient = added ?? exchangedGradient(plan, node) ?? dataGradient(plan, node);
  plan.define(result, sum && !added ? sumOf(plan, gradient, plan.tensor(sum), originOf(node)) : gradient);
};

/**
 * The convolution that a 1×1 convolution's data gradient is: that of its output's gradient by the weights with their channels
 * exchanged.
 */
function exchanged(plan: Plan, { inputs: [dy, weight], outputs: [dx] }: GraphNode) {
  const tensor = plan.tensor(weight);
  if (!sameShape(tensor.dims, weight.shape)) return undefined;
  const weights = tensor.view(plan.dnn.permuted(tensor.layout, [1, 0, 2, 3]));
  const window: Window = { x: dy.shape, weights: weights.dims, y: dx.shape, strides: [1, 1], padding: [0, 0] };
  return { weights, window };
}

/** The gradient of a 1×1 convolution's source by a kernel of our own, where there is one. */
function exchangedGradient(plan: Plan, node: GraphNode): Tensor | undefined {
  const { generator, layouts, type } = plan;
  const own = generator && isPlacewiseGradient(node) ? exchanged(plan, node) : undefined;
  if (!generator || !own || rowWindow(own.window)) return undefined;
  const [source, destination] = [own.window.x, own.window.y].map((dims) => layouts.image(dims, type));
  const descriptor = plan.describe(convolutionSpec(plan, own.window, "training", { source, destination }));
  const kernel = descriptor && generator.forward(own.window, descriptor, { sum: false, bias: false, relu: false });
  if (!kernel) return undefined;
  const origin = originOf(node);
  const reads: Operands = {
    source: asOperand(plan, plan.tensor(node.inputs[0]), source, origin),
    weights: plan.as(own.weights, descriptor.memory("weights"), origin),
  };
  const dx = plan.allocate(destination);
  plan.emitGenerated(origin, kernel, reads, { destination: dx });
  return dx;
}

/**
 * The gradient of a 1×1 convolution's source, added to a value, which saves writing the gradient and reading it again.
 * Undefined where it has no fast kernel.
 */
function gradientOnto(plan: Plan, node: GraphNode, sum: Value): Tensor | undefined {
  const origin = originOf(node);
  const [dyValue] = node.inputs;
  const [{ shape }] = node.outputs;
  const { window, weights } = exchanged(plan, node) ?? {};
  if (!window || !weights) return undefined;
  const [dy, addend] = [plan.tensor(dyValue), plan.tensor(sum)];
  const chosen = rowWindow(window) ?? window;
  const layoutOf = (tensor: Tensor, dims: Shape) =>
    chosen === window
      ? (preferred(plan, tensor) ?? plan.layouts.image(dims, plan.type))
      : channelsLastLayout(plan.dnn, dims, plan.type);
  const [source, destination] = [layoutOf(dy, chosen.x), layoutOf(addend, chosen.y)];
  const spec = convolutionSpec(plan, chosen, "training", { source, destination });
  const descriptor = plan.describe(spec, [{ kind: "sum", scale: 1 }]);
  if (!descriptor || !isMadeForThePurpose(descriptor.kernel)) return undefined;
  const reads: Operands = {
    source: asOperand(plan, dy, source, origin),
    weights: plan.as(weights, descriptor.memory("weights"), origin),
  };
  const result = plan.copyToChange(asOperand(plan, addend, destination, origin), origin);
  const own = plan.generator?.forward(chosen, descriptor, { sum: true, bias: false, relu: false });
  if (own) plan.emitGenerated(origin, own, reads, { destination: result });
  else plan.emit(origin, descriptor, reads, { destination: result });
  return asImage(plan, result, shape, origin);
}

function dataGradient(plan: Plan, node: GraphNode): Tensor {
  const origin = originOf(node);
  const [dyValue, weight] = node.inputs;
  const [dxValue] = node.outputs;
  const window = windowOf(dxValue.shape, weight.shape, dyValue.shape, node);
  const dy = plan.tensor(dyValue);
  const image = plan.layouts.image(dxValue.shape, plan.type);
  const specs = [
    convolutionSpec(plan, window, "backwardData", { source: image, destination: preferred(plan, dy) }),
    convolutionSpec(plan, window, "backwardData", {}),
  ];
  const { descriptor, window: chosen } = chooseWindow(
    plan,
    window,
    () => plan.choose(specs, origin, [], forwardHint(plan, window, node)),
    (other, layouts) =>
      plan.describe(convolutionSpec(plan, other, "backwardData", layouts), [], forwardHint(plan, other, node)),
  );
  const weights = withDims(plan, plan.tensor(weight), window.weights, node.name);
  const reads: Operands = {
    destinationGradient: asOperand(plan, dy, descriptor.memory("destinationGradient"), origin),
    weights: plan.as(weightsFor(plan, weights, window, chosen, origin), descriptor.memory("weights"), origin),
  };
  const dx = plan.allocate(descriptor.memory("sourceGradient"));
  const own = plan.generator?.dataGradient(chosen, descriptor);
  if (own) plan.emitGenerated(origin, own, reads, { sourceGradient: dx });
  else plan.emit(origin, descriptor, reads, { sourceGradient: dx });
  return asImage(plan, dx, dxValue.shape, origin);
}

const conv2dBackwardWeights: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [xValue, dyValue] = node.inputs;
  const [dwValue] = node.outputs;
  const window = windowOf(xValue.shape, dwValue.shape, dyValue.shape, node);
  const [x, dy] = [plan.recall(xValue), plan.tensor(dyValue)];
  const biasNode = plan.fusions.of(node)?.biasGradient;
  const biasOf = ({ y: [, channels] }: Window) => biasNode && plan.dnn.strided([channels], "f32");
  const [source, destination, bias] = [preferred(plan, x), preferred(plan, dy), biasOf(window)];
  if (isPlacewise(plan, window)) {
    const gradient = placewiseGradient(plan, window, x, dy, origin, bias);
    plan.define(dwValue, gradient.weights);
    if (biasNode) plan.define(biasNode.outputs[0], gradient.bias!);
    return;
  }
  const weights = masterOf(plan, dwValue);
  const ofImages = weights && !biasNode ? imageWeightsGradient(plan, window, x, dy, weights, origin) : undefined;
  if (ofImages) {
    plan.define(dwValue, ofImages);
    return;
  }
  const specs = [
    convolutionSpec(plan, window, "backwardWeights", { source, weights, destination, bias }),
    convolutionSpec(plan, window, "backwardWeights", { source, destination, bias }),
    convolutionSpec(plan, window, "backwardWeights", { bias }),
  ];
  const { descriptor, window: chosen } = chooseWindow(
    plan,
    window,
    () => plan.choose(specs, origin, [], forwardHint(plan, window, node)),
    (other, layouts) => {
      // Of a larger window, a row of images would give the gradient of one tap alone.
      if (other.weights.at(-1) !== window.weights.at(-1)) return undefined;
      const spec = convolutionSpec(plan, other, "backwardWeights", { ...layouts, bias: biasOf(other) });
      const inPlace = weights && sameShape(weights.dims, other.weights) ? [{ ...spec, weights }] : [];
      return plan.best([...inPlace, spec], [], forwardHint(plan, other, node));
    },
  );
  const own = biasNode ? undefined : plan.generator?.weightsGradient(chosen, descriptor);
  const ownGradient = own ? undefined : gradientWithoutKernel(plan, window, descriptor, x, dy, origin);
  if (ownGradient) {
    plan.define(dwValue, ownGradient);
    if (biasNode) plan.define(biasNode.outputs[0], biasSum(plan, dy, origin));
    return;
  }
  const dw = plan.allocate(descriptor.memory("weightsGradient"));
  const db = bias && plan.allocate(biasOf(chosen)!);
  const reads: Operands = {
    source: asOperand(plan, x, descriptor.memory("source"), origin),
    destinationGradient: asOperand(plan, dy, descriptor.memory("destinationGradient"), origin),
  };
  if (own) emitWeightsGradient(plan, origin, own, reads, dw);
  else plan.emit(origin, descriptor, reads, { weightsGradient: dw, biasGradient: db });
  plan.define(dwValue, diagonalBlocks(plan, dw, window.weights, chosen, origin));
  if (biasNode && bias && db) plan.define(biasNode.outputs[0], db.view(bias));
};

/** The gradient of the weights of a convolution over plain images, as the weights lie, where there is a kernel of our own. */
function imageWeightsGradient(
  plan: Plan,
  window: Window,
  x: Tensor,
  dy: Tensor,
  weights: MemoryDescriptor,
  origin: Origin,
): Tensor | undefined {
  const image = plan.layouts.image(window.y, plan.type);
  const own = plan.generator?.imageWeightsGradient(window, x.layout, image, weights);
  if (!own) return undefined;
  const dw = plan.allocate(weights);
  const reads = { source: x, destinationGradient: asOperand(plan, dy, image, origin) };
  emitWeightsGradient(plan, origin, own, reads, dw);
  return dw;
}

function emitWeightsGradient(
  plan: Plan,
  origin: Origin,
  own: WeightsGradientKernel,
  reads: Operands,
  dw: Tensor,
): void {
  if (!own.sum) {
    plan.emitGenerated(origin, own, reads, { weightsGradient: dw });
    return;
  }
  const { parts, kernel } = own.sum;
  const gradients = plan.allocate(plan.dnn.strided([parts, size(dw.dims)], "f32"));
  plan.emitGenerated(origin, own, reads, { weightsGradient: gradients });
  plan.emitGenerated(origin, kernel, { source: gradients }, { destination: dw });
}

/** The gradient of weights by other primitives than a convolution's gradient, where those have no fast kernel. */
function gradientWithoutKernel(
  plan: Plan,
  window: Window,
  { kernel }: PrimitiveDescriptor,
  x: Tensor,
  dy: Tensor,
  origin: Origin,
): Tensor | undefined {
  if (isPlainDepthwise(window)) return /dw/.test(kernel) ? undefined : depthwiseGradient(plan, window, x, dy, origin);
  if (isMadeForThePurpose(kernel)) return undefined;
  const merged = mergedWindow(plan, window) ?? window;
  const gradient = smallMapGradient(plan, merged, x, dy, origin);
  return gradient && diagonalBlocks(plan, gradient, window.weights, merged, origin);
}

/** How the weights lie that a gradient is for: it need not be moved if it comes like that. */
function masterOf(plan: Plan, gradient: Value): MemoryDescriptor | undefined {
  const update = plan.fusions.readers.of(gradient).find(({ op }) => op === "sgd" || op === "adamw");
  return update && plan.parameters.tensor(update.inputs[0])?.layout;
}

/** Sum of an output's gradient over images and places. */
function biasSum(plan: Plan, dy: Tensor, origin: Origin): Tensor {
  return sumOver(plan, dy, [0, 2, 3], origin).view(plan.dnn.strided([dy.dims[1]], "f32"));
}

/** The forward primitive that the library wants to see beside a gradient. */
export function forwardHint(plan: Plan, window: Window, node: GraphNode): PrimitiveDescriptor {
  return plan.require(convolutionSpec(plan, window, "training", {}), originOf(node));
}

export const convolutions: Readonly<Record<string, Lowering>> = {
  conv2d,
  conv2dBackwardData,
  conv2dBackwardWeights,
};
