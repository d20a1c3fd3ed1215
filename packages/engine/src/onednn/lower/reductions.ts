import { attributesOf, op, size } from "@regnet/core";
import type { Pair, PostOp } from "../binding/specs.js";
import { isMadeForThePurpose } from "../plan/kernels.js";
import { stridesInOrder } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { type Lowering, originOf } from "./lowering.js";

const reduceSum: Lowering = (node, plan) => {
  const { axes } = attributesOf(node, op.reduceSum);
  const [output] = node.outputs;
  const [origin, x] = [originOf(node), plan.tensor(node.inputs[0])];
  const sum = placesSum(plan, x, axes, origin) ?? sumOver(plan, x, axes, origin);
  plan.define(output, sum.view(plan.dnn.strided(output.shape, "f32")));
};

/**
 * Sums of a float32 image over its places, as averages times their number: unlike products, pooling reads channel blocks as
 * they lie. Undefined for other sums, or where pooling has no fast kernel.
 */
function placesSum(plan: Plan, image: Tensor, axes: readonly number[], origin: Origin): Tensor | undefined {
  const { dnn, layouts } = plan;
  const { dims, layout } = image;
  if (dims.length !== 4 || axes.join() !== "2,3" || layout.key !== layouts.image(dims, "f32").key) return undefined;
  const [n, c, height, width] = dims;
  const pooled = layouts.image([n, c, 1, 1], "f32");
  const area: Pair = [height, width];
  const pooling = { kind: "pooling", pass: "inference", algorithm: "averageIncludingPadding" } as const;
  const window = { kernel: area, strides: area, padding: [0, 0], paddingEnd: [0, 0] } as const;
  const times: PostOp = { kind: "eltwise", algorithm: "linear", alpha: height * width, beta: 0 };
  const descriptor = plan.describe({ ...pooling, ...window, source: layout, destination: pooled }, [times]);
  if (!descriptor || !isMadeForThePurpose(descriptor.kernel)) return undefined;
  const sums = plan.allocate(pooled);
  plan.emit(origin, descriptor, { source: image }, { destination: sums });
  return plan.as(sums, dnn.strided([n, c, 1, 1], "f32"), origin);
}

/** Sums over axes as a product of ones [1, R] with the tensor seen as [R, K], R what is summed and K what stays. */
export function sumOver(plan: Plan, x: Tensor, axes: readonly number[], origin: Origin): Tensor {
  const { dnn } = plan;
  const kept = x.dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const extent = (axis: number) => x.dims[axis];
  const { type } = x.layout;
  const ordered = plan.as(x, dnn.strided(x.dims, type, stridesInOrder(x.dims, [...axes, ...kept])), origin);
  const [r, k] = [size(axes.map(extent)), size(kept.map(extent))];
  const ones = plan.constant(new Float32Array(r).fill(1), [1, r]);
  const left = type === "f32" ? ones : plan.as(ones, dnn.strided([1, r], type), origin);
  const rows = dnn.strided([r, k], type);
  const result = dnn.strided([1, k], "f32");
  const descriptor = plan.require({ kind: "matmul", source: left.layout, weights: rows, destination: result }, origin);
  const y = plan.allocate(result);
  plan.emit(origin, descriptor, { source: left, weights: ordered.view(rows) }, { destination: y });
  return y;
}

export const reductions: Readonly<Record<string, Lowering>> = { reduceSum };
