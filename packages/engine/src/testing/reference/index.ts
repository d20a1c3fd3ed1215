export { evaluate, type Numbers, type ReferenceResult, referenceOps } from "./evaluate.js";
export type { Tensor } from "./tensor.js";
