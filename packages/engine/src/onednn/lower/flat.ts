import { elementBytes } from "../binding/constants.js";
import type { Plan } from "../plan/plan.js";
import type { Tensor } from "../plan/tensor.js";

/** All of a tensor's memory, padding included, as one vector. */
export function flat(plan: Plan, tensor: Tensor): Tensor {
  const { bytes, type } = tensor.layout;
  return tensor.view(plan.dnn.strided([bytes / elementBytes[type]], type));
}
