import { attributesOf, op, type Shape, type Value } from "@regnet/core";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { SpecOf } from "../binding/specs.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { channelsLastLayout, isPlain } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
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
  const [, gamma, beta] = node.inputs.map((value) => plan.tensor(value));
  const x = image(plan, plan.tensor(node.inputs[0]), origin);
  const { epsilon } = attributesOf(node, op.batchNormTraining);
  const fusion = plan.fusions.of(node);
  const [mean, variance] = node.outputs.slice(1).map((value) => statistic(plan, value));
  const own = plan.generator?.batchNorm("training", { image: x.layout, epsilon, relu: fusion !== undefined });
  const result = fusion?.result ?? node.outputs[0];
  plan.define(node.outputs[1], mean);
  plan.define(node.outputs[2], variance);
  if (own) {
    const vectors = { scale: gamma, shift: beta };
    const y = plan.allocate(x.layout);
    plan.emitGenerated(origin, own, { source: x, ...vectors }, { destination: y, mean, variance });
    plan.define(result, y);
    if (!readByConvolutionsOnly(plan, result)) return;
    plan.remakeLater(result, () => {
      const again = plan.generator!.batchNorm("inference", { image: x.layout, epsilon, relu: fusion !== undefined })!;
      const remade = plan.allocate(x.layout);
      plan.emitGenerated(origin, again, { source: x, ...vectors, mean, variance }, { destination: remade });
      return remade;
    });
    return;
  }
  const descriptor = plan.require(batchNormSpec(x.layout, "training", epsilon, fusion !== undefined), origin);
  const y = allocateImage(plan, x.layout);
  const workspace = fusion && plan.allocate(descriptor.memory("workspace"));
  if (workspace) plan.workspaces.set(node.outputs[1].id, { tensor: workspace, descriptor });
  const writes = { destination: y, mean, variance, workspace };
  plan.emit(origin, descriptor, { source: x, scale: gamma, shift: beta }, writes);
  plan.define(result, y);
  if (!readByConvolutionsOnly(plan, result)) return;
  plan.remakeLater(result, () => {
    const again = plan.require(batchNormSpec(x.layout, "inference", epsilon, fusion !== undefined), origin);
    const remade = allocateImage(plan, x.layout);
    plan.emit(origin, again, { source: x, mean, variance, scale: gamma, shift: beta }, { destination: remade });
    return remade;
  });
};

/**
 * True for a batch norm's float32 result that only convolutions and the gradients of their weights read. Its own gradient
 * reads what it was made of right after, so making it again costs less than writing it to memory, where it would wait.
 */
export function readByConvolutionsOnly({ fusions, type }: Plan, result: Value): boolean {
  const { readers } = fusions;
  const nodes = readers.of(result).filter((node) => !fusions.absorbed(node));
  const convolutions: readonly string[] = [op.conv2d.name, op.conv2dBackwardWeights.name];
  return type === "f32" && !readers.kept(result) && nodes.every(({ op: name }) => convolutions.includes(name));
}

/** No gradient depends on the shift, yet oneDNN 2 asks for one: any vector of that length serves. */
function shiftOf({ dnn }: Plan, gamma: Tensor): Tensor | undefined {
  return dnn.gradientsReadShift ? gamma : undefined;
}

const batchNormBackward: Lowering = (node, plan) => {
  const origin = originOf(node);
  const [xImage, gamma, mean, variance] = node.inputs.slice(1).map((value) => plan.tensor(value));
  const x = image(plan, xImage, origin);
  const { epsilon } = attributesOf(node, op.batchNormBackward);
  const relu = plan.fusions.of(node)?.reluBackward;
  const dy = plan.as(plan.tensor(relu ? relu.inputs[0] : node.inputs[0]), x.layout, origin);
  const workspace = relu && plan.workspaces.get(node.inputs[3].id)?.tensor;
  const ownNorm = { image: x.layout, epsilon, relu: relu !== undefined };
  if (plan.generator?.batchNorm("backward", ownNorm) && !workspace) {
    const norm = plan.fusions.readers.maker(node.inputs[3]);
    const result = norm && (plan.fusions.of(norm)?.result ?? norm.outputs[0]);
    const remade = result && plan.takeRemaking(result) ? plan.allocate(x.layout) : undefined;
    const own = plan.generator.batchNorm(remade ? "backwardWithResult" : "backward", ownNorm)!;
    const shift = norm && plan.tensor(norm.inputs[2]);
    const [dx, dgamma, dbeta] = [x.layout, gamma.layout, gamma.layout].map((layout) => plan.allocate(layout));
    plan.emitGenerated(
      origin,
      own,
      { source: x, mean, variance, destinationGradient: dy, scale: gamma, shift },
      { sourceGradient: dx, scaleGradient: dgamma, shiftGradient: dbeta, destination: remade },
      [dx, dy],
    );
    for (const [i, tensor] of [dx, dgamma, dbeta].entries()) plan.define(node.outputs[i], tensor);
    if (result && remade) plan.define(result, remade);
    return;
  }
  const forward = plan.require(batchNormSpec(x.layout, "training", epsilon, relu !== undefined), origin);
  const spec = batchNormSpec(x.layout, "backward", epsilon, relu !== undefined);
  const descriptor = plan.require(spec, origin, [], forward);
  const [dx, dgamma, dbeta] = [allocateImage(plan, x.layout), plan.allocate(gamma.layout), plan.allocate(gamma.layout)];
  plan.emit(
    origin,
    descriptor,
    { source: x, mean, variance, destinationGradient: dy, scale: gamma, shift: shiftOf(plan, gamma), workspace },
    { sourceGradient: dx, scaleGradient: dgamma, shiftGradient: dbeta },
    [dx, dy],
  );
  for (const [i, tensor] of [dx, dgamma, dbeta].entries()) plan.define(node.outputs[i], tensor);
};

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

const layerNorm: Lowering = (node, plan) => {
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

const layerNormBackward: Lowering = (node, plan) => {
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

export const normalisations: Readonly<Record<string, Lowering>> = {
  batchNorm,
  batchNormTraining,
  batchNormBackward,
  layerNorm,
  layerNormTraining: layerNorm,
  layerNormBackward,
};
