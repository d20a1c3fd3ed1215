export * from "./bench/index.js";
export { chooseEngine, type EnginePreference, engineById, engines } from "./choose.js";
export type {
  Availability,
  CompileOptions,
  Engine,
  EngineId,
  Executable,
  KernelTiming,
  MemoryUse,
  Precision,
} from "./engine.js";
export { allFinite, NotFiniteError } from "./finite.js";
export { freeMemory } from "./freeMemory.js";
export { onednn } from "./onednn/engine.js";
export { compileInWorker } from "./onednn/worker/workerExecutable.js";
export { onnxruntime } from "./onnxruntime/index.js";
export { defaultThreads } from "./threads.js";
