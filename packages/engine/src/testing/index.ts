export { evaluate, type Numbers, type ReferenceResult, referenceOps } from "./reference/index.js";
