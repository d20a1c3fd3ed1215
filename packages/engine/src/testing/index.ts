export { type ContractOptions, engineContract, LIMITS, type TestRunner } from "./engineContract.js";
export { evaluate, type Numbers, type ReferenceResult, referenceOps } from "./reference/index.js";
