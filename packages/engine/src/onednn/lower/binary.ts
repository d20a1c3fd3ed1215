import type { BinaryAlgorithm, PostOp, SpecOf } from "../binding/specs.js";
import { isPlain } from "../plan/layouts.js";
import type { Plan } from "../plan/plan.js";
import type { Origin } from "../plan/step.js";
import type { Tensor } from "../plan/tensor.js";
import { flat } from "./flat.js";

/** One binary kernel over operands of one layout, or with `b` spread over `a` as the library allows. */
export function binary(
  plan: Plan,
  origin: Origin,
  algorithm: BinaryAlgorithm,
  a: Tensor,
  b: Tensor,
  postOps: readonly PostOp[] = [],
): Tensor {
  const result = plan.allocate(a.layout);
  const descriptor = plan.require(binarySpec(algorithm, a, b), origin, postOps);
  plan.emit(origin, descriptor, { source: a, second: b }, { destination: result }, [result, a]);
  return result;
}

export function binarySpec(algorithm: BinaryAlgorithm, a: Tensor, b: Tensor): SpecOf<"binary"> {
  return { kind: "binary", algorithm, first: a.layout, second: b.layout, destination: a.layout };
}

/**
 * `binary` for operands of one layout: they are seen as long vectors, padding included. It stays zero as long as the
 * operation takes zeros to zero, and oneDNN 2.6 applies post-ops wrongly to padded blocks.
 */
export function matching(
  plan: Plan,
  origin: Origin,
  algorithm: BinaryAlgorithm,
  a: Tensor,
  b: Tensor,
  postOps: readonly PostOp[] = [],
): Tensor {
  return binary(plan, origin, algorithm, flat(plan, a), flat(plan, b), postOps).view(a.layout);
}

/** Brings two tensors of one shape to one layout, that of a kernel's result rather than that of a plain input. */
export function together(plan: Plan, a: Tensor, b: Tensor, origin: Origin): [Tensor, Tensor] {
  const leader = isPlain(a.layout) || a.layout.type !== plan.type ? b : a;
  return [plan.as(a, leader.layout, origin), plan.as(b, leader.layout, origin)];
}

/** The sum of two tensors of one shape. */
export function sumOf(plan: Plan, a: Tensor, b: Tensor, origin: Origin, postOps: readonly PostOp[] = []): Tensor {
  const [left, right] = together(plan, a, b, origin);
  return matching(plan, origin, "add", left, right, postOps);
}
