import { attributesOf, type GraphNode, op, type Value } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { SpecOf } from "../binding/specs.js";
import type { BatchNormKernel } from "../generated/generatedKernel.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { isPlain } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Operands, Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { activationPostOp } from "./activations.js";
import { sumOf } from "./binary.js";
import { layerNorm, layerNormBackward } from "./layerNorms.js";
import { type Lowering, originOf } from "./lowering.js";

/** An image in a layout that batch norms have fast kernels for: what a convolution chose, or else the plan's own. */
function image(plan: Plan, tensor: Tensor, origin: { node: string; op: string }): Tensor {
  const { layout } = tensor;
  if (layout.type === plan.type && !isPlain(layout)) {
    const kernel = plan.describe(batchNormSpec(layout, "training", 1e-5))?.kernel;
    if (kernel && isMadeForThePurpose(kernel)) return tensor;
  }
  return plan.as(tensor, plan.layouts.image(tensor.dims, plan.type), origin);
}

function batchNormSpec(
  data: MemoryDescriptor,
  pass: SpecOf<"batchNorm">["pass"],
  epsilon: number,
  relu = false,
): SpecOf<"batchNorm"> {
  return { kind: "batchNorm", pass, data, epsilon, globalStatistics: pass === "inference", relu };
}

/** Bytes of an image up to which it is worth keeping in the caches for the next kernel. */
const CACHED = 2 ** 24;
/** Not a multiple of any vector's width. */
const SKEW = 16;

/**
 * Memory for a batch norm's image. The library's kernels write float32 past the caches where an image starts at a multiple
 * of their vectors, and the next kernel then waits for memory. Off those multiples they write as others do.
 */
function allocateImage(plan: Plan, layout: MemoryDescriptor): Tensor {
  return plan.allocate(layout, layout.type === "f32" && layout.bytes <= CACHED ? SKEW : 0);
}

/** What a batch norm with given statistics reads besides its image: vectors, one number a channel. */
interface Norm {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly epsilon: number;
}

/** (x − mean) / √(variance + epsilon) · scale + shift, for an image in a layout that batch norms have fast kernels for. */
export function normalise(plan: Plan, x: Tensor, { epsilon, ...vectors }: Norm, origin: Origin): Tensor {
  const descriptor = plan.require(batchNormSpec(x.layout, "inference", epsilon), origin);
  const y = allocateImage(plan, x.layout);
  plan.emit(origin, descriptor, { source: x, ...vectors }, { destination: y }, [y, x]);
  return y;
}

const batchNorm: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [, scale, shift, mean, variance] = node.inputs.map((value) => plan.tensor(value));
  const x = image(plan, plan.tensor(node.inputs[0]), origin);
  const { epsilon } = attributesOf(node, op.batchNorm);
  plan.define(node.outputs[0], normalise(plan, x, { mean, variance, scale, shift, epsilon }, origin));
};

/** Memory for a batch's statistic: an array where the graph puts it out. */
function statistic(plan: Plan, value: Value): Tensor {
  if (plan.fusions.readers.kept(value)) return plan.allocateHost(value.shape);
  return plan.allocate(plan.dnn.strided(value.shape, "f32"));
}

const batchNormTraining: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [, scale, shift] = node.inputs.map((value) => plan.tensor(value));
  const x = image(plan, plan.tensor(node.inputs[0]), origin);
  const { epsilon } = attributesOf(node, op.batchNormTraining);
  const fusion = plan.fusions.of(node);
  const result = fusion?.result ?? node.outputs[0];
  const sum = fusion?.sum && plan.tensor(fusion.sum);
  const relu = fusion?.activation !== undefined;
  const [mean, variance] = node.outputs.slice(1).map((value) => statistic(plan, value));
  plan.define(node.outputs[1], mean);
  plan.define(node.outputs[2], variance);
  const norm: Norm = { mean, variance, scale, shift, epsilon };
  const own = plan.generator?.batchNorm(sum ? "trainingWithSum" : "training", { image: x.layout, epsilon, relu });
  if (own) {
    const y = plan.allocate(x.layout);
    const second = sum && plan.as(sum, x.layout, origin);
    const writes = { destination: y, mean, variance };
    emitNorm(plan, origin, own, { source: x, scale, shift, second }, writes, second && [y, second]);
    plan.define(result, y);
  } else if (sum) {
    const postOps = fusion.activation ? [activationPostOp(fusion.activation.op)] : [];
    plan.define(result, sumOf(plan, libraryNorm(plan, x, norm, node, false), sum, origin, postOps));
  } else plan.define(result, libraryNorm(plan, x, norm, node, relu));
  if (!isMadeAgain(plan, node)) return;
  plan.remakeLater(result, () => (own ? ownNormAgain : libraryNormAgain)(plan, x, norm, relu, origin));
};

/** A batch norm by a kernel of our own, after that for its sums if there is one. */
function emitNorm(
  plan: Plan,
  origin: Origin,
  { sums, ...kernel }: BatchNormKernel,
  reads: Operands,
  writes: Operands,
  inPlace?: readonly [Tensor, Tensor],
): void {
  const workspace = sums && plan.allocate(plan.dnn.strided([sums.length], "f32"));
  if (sums) plan.emitGenerated(origin, sums.kernel, reads, { workspace });
  plan.emitGenerated(origin, kernel, { ...reads, workspace }, writes, inPlace);
}

/** A batch norm by the library, which keeps for its gradient where the ReLU was on. */
function libraryNorm(plan: Plan, x: Tensor, { epsilon, ...vectors }: Norm, node: GraphNode, relu: boolean): Tensor {
  const { mean, variance, scale, shift } = vectors;
  const descriptor = plan.require(batchNormSpec(x.layout, "training", epsilon, relu), originOf(node));
  const y = allocateImage(plan, x.layout);
  const workspace = relu ? plan.allocate(descriptor.memory("workspace")) : undefined;
  if (workspace) plan.workspaces.set(node.outputs[1].id, { tensor: workspace, descriptor });
  plan.emit(originOf(node), descriptor, { source: x, scale, shift }, { destination: y, mean, variance, workspace });
  return y;
}

function libraryNormAgain(plan: Plan, x: Tensor, { epsilon, ...vectors }: Norm, relu: boolean, origin: Origin): Tensor {
  const descriptor = plan.require(batchNormSpec(x.layout, "inference", epsilon, relu), origin);
  const y = allocateImage(plan, x.layout);
  plan.emit(origin, descriptor, { source: x, ...vectors }, { destination: y });
  return y;
}

function ownNormAgain(plan: Plan, x: Tensor, { epsilon, ...vectors }: Norm, relu: boolean, origin: Origin): Tensor {
  const y = plan.allocate(x.layout);
  const kernel = plan.generator!.batchNorm("inference", { image: x.layout, epsilon, relu })!;
  plan.emitGenerated(origin, kernel, { source: x, ...vectors }, { destination: y });
  return y;
}

/**
 * True for a batch norm whose result only convolutions and the gradients of their weights read. Its own gradient
 * reads what it was made of right after, so making it again costs less than writing it to memory, where it would wait. What was
 * added to it would have to wait as well. In bfloat16 it is so if a kernel of our own makes it on the way to the gradient.
 */
export function isMadeAgain(plan: Plan, norm: GraphNode): boolean {
  const { fusions, type, generator, layouts } = plan;
  const { readers } = fusions;
  const { sum, result = norm.outputs[0] } = fusions.of(norm) ?? {};
  if (sum) return false;
  const nodes = readers.of(result).filter((node) => !fusions.absorbed(node));
  const convolutions: readonly string[] = [op.conv2d.name, op.conv2dBackwardWeights.name];
  const asked = { image: layouts.image(result.shape, type), epsilon: 0, relu: true };
  const isCheap = type === "f32" || generator?.batchNorm("backwardWithResult", asked) !== undefined;
  return isCheap && !readers.kept(result) && nodes.every(({ op: name }) => convolutions.includes(name));
}

/** No gradient depends on the shift, yet oneDNN 2 asks for one: any vector of that length serves. */
function shiftOf({ dnn }: Plan, gamma: Tensor): Tensor | undefined {
  return dnn.gradientsReadShift ? gamma : undefined;
}

const batchNormBackward: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [xImage, scale, mean, variance] = node.inputs.slice(1).map((value) => plan.tensor(value));
  const x = image(plan, xImage, origin);
  const { epsilon } = attributesOf(node, op.batchNormBackward);
  const reluBackward = plan.fusions.of(node)?.reluBackward;
  const relu = reluBackward !== undefined;
  const dy = plan.as(plan.tensor(reluBackward?.inputs[0] ?? node.inputs[0]), x.layout, origin);
  const reads = { source: x, mean, variance, destinationGradient: dy, scale };
  const gradients =
    ownGradients(plan, node, reads, epsilon, relu) ?? libraryGradients(plan, node, reads, epsilon, relu);
  for (const [i, tensor] of gradients.entries()) plan.define(node.outputs[i], tensor);
};

interface GradientOperands {
  readonly source: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly destinationGradient: Tensor;
  readonly scale: Tensor;
}

/**
 * The gradients of image, scale and shift by a kernel of our own, which makes the batch norm's result again on the way if somebody
 * is to read it. Undefined where there is none, or where the library's forward kernel alone knows where the ReLU was on.
 */
function ownGradients(
  plan: Plan,
  node: GraphNode,
  reads: GradientOperands,
  epsilon: number,
  relu: boolean,
): Tensor[] | undefined {
  const { generator, fusions } = plan;
  const { source, scale, destinationGradient } = reads;
  const norm = fusions.readers.maker(node.inputs[3]);
  const asked = { image: source.layout, epsilon, relu };
  if (!generator?.batchNorm("backward", asked) || plan.workspaces.has(node.inputs[3].id)) return undefined;
  const result = norm && (fusions.of(norm)?.result ?? norm.outputs[0]);
  const remade = result && plan.takeRemaking(result) ? plan.allocate(source.layout) : undefined;
  const kernel = generator.batchNorm(remade ? "backwardWithResult" : "backward", asked)!;
  const shift = norm && plan.tensor(norm.inputs[2]);
  const [dx, dscale, dshift] = [source, scale, scale].map(({ layout }) => plan.allocate(layout));
  const writes = { sourceGradient: dx, scaleGradient: dscale, shiftGradient: dshift, destination: remade };
  emitNorm(plan, originOf(node), kernel, { ...reads, shift }, writes, [dx, destinationGradient]);
  if (result && remade) plan.define(result, remade);
  return [dx, dscale, dshift];
}

function libraryGradients(
  plan: Plan,
  node: GraphNode,
  reads: GradientOperands,
  epsilon: number,
  relu: boolean,
): Tensor[] {
  const origin = originOf(node);
  const { source, scale, destinationGradient } = reads;
  const workspace = relu ? plan.workspaces.get(node.inputs[3].id)!.tensor : undefined;
  const forward = plan.require(batchNormSpec(source.layout, "training", epsilon, relu), origin);
  const descriptor = plan.require(batchNormSpec(source.layout, "backward", epsilon, relu), origin, [], forward);
  const [dx, dscale, dshift] = [
    allocateImage(plan, source.layout),
    plan.allocate(scale.layout),
    plan.allocate(scale.layout),
  ];
  const writes = { sourceGradient: dx, scaleGradient: dscale, shiftGradient: dshift };
  plan.emit(origin, descriptor, { ...reads, shift: shiftOf(plan, scale), workspace }, writes, [
    dx,
    destinationGradient,
  ]);
  return [dx, dscale, dshift];
}

export const normalisations: Readonly<Record<string, Lowering>> = {
  batchNorm,
  batchNormTraining,
  batchNormBackward,
  layerNorm,
  layerNormTraining: layerNorm,
  layerNormBackward,
};
