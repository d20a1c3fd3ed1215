export * from "./augment/index.js";
export * from "./data/index.js";
export * from "./recipe/index.js";
export * from "./run/index.js";
export * from "./trainer/index.js";
export * from "./use/index.js";
