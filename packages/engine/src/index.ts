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
