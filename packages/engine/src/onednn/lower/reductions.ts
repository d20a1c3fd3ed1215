import { attributesOf, op, size } from "@regnet/core";
import { stridesInOrder } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { type Lowering, originOf } from "./lowering.js";

const reduceSum: Lowering = (node, plan) => {
  const { axes } = attributesOf(node, op.reduceSum);
  const [output] = node.outputs;
  const sum = sumOver(plan, plan.tensor(node.inputs[0]), axes, originOf(node));
  plan.define(output, sum.view(plan.dnn.strided(output.shape, "f32")));
};

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
