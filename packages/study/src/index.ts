export * from "./executors/index.js";
export * from "./study/index.js";
