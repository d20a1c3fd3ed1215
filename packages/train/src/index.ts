export * from "./augment/index.js";
export * from "./data/index.js";
