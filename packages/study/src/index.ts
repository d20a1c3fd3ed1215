export * from "./analysis/index.js";
export * from "./design/index.js";
export * from "./executors/index.js";
export * from "./latency/index.js";
export * from "./race/index.js";
export * from "./report/index.js";
export * from "./search/index.js";
export * from "./study/index.js";
