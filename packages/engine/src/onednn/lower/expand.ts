import type { Shape } from "@regnet/core";
import { size } from "@regnet/core";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";

/**
 * A factor whose extents are those of `shape` or 1, written out to that shape: products with columns of ones, one for
 * each run of spread axes.
 */
export function expand(plan: Plan, factor: Tensor, shape: Shape, origin: Origin): Tensor {
  let current = plan.as(factor, plan.dnn.strided(factor.dims, "f32"), origin);
  for (let axis = 0; axis < shape.length; axis++) {
    if (current.dims[axis] !== shape[axis]) current = repeat(plan, current, axis, shape[axis], origin);
  }
  return current;
}

/** Repeats a plain tensor along an axis of extent 1: ones [times, 1] times each row [1, rest]. */
function repeat(plan: Plan, x: Tensor, axis: number, times: number, origin: Origin): Tensor {
  const { dnn } = plan;
  const outer = size(x.dims.slice(0, axis));
  const inner = size(x.dims.slice(axis + 1));
  const [ones, rows, result] = [
    [outer, times, 1],
    [outer, 1, inner],
    [outer, times, inner],
  ].map((dims) => dnn.strided(dims, "f32"));
  const spec = { kind: "matmul", source: ones, weights: rows, destination: result } as const;
  const descriptor = plan.require(spec, origin);
  const y = plan.allocate(result);
  const column = plan.constant(new Float32Array(outer * times).fill(1), [outer, times, 1]);
  plan.emit(origin, descriptor, { source: column, weights: x.view(rows) }, { destination: y });
  const dims = x.dims.map((extent, i) => (i === axis ? times : extent));
  return y.view(dnn.strided(dims, "f32"));
}
