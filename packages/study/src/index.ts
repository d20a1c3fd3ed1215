export * from "./study/index.js";
