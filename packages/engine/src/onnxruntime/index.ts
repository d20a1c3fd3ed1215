import { type Graph, RegnetError } from "@regnet/core";
import type { Availability, CompileOptions, Engine, Executable } from "../engine.js";
import { expectMemory } from "../freeMemory.js";
import { startingState } from "../startingState.js";
import { chooseThreads, defaultThreads } from "../threads.js";
import { OnnxRuntimeExecutable } from "./executable.js";
import { memoryUse } from "./memoryUse.js";
import { loadRuntime, providers, REMEDY } from "./runtime.js";

/**
 * ONNX Runtime through `onnxruntime-node`: needs nothing but npm. Inference and training graphs alike are written as
 * ordinary ONNX. Runs float32.
 */
export const onnxruntime: Engine = {
  id: "onnxruntime",

  probe(): Availability {
    try {
      const { env } = loadRuntime();
      return {
        available: true,
        engine: "onnxruntime",
        version: env.versions.node ?? env.versions.common,
        instructionSet: providers().join(", "),
        threads: defaultThreads(),
        precisions: ["fp32"],
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { available: false, engine: "onnxruntime", reason, remedy: REMEDY };
    }
  },

  compile: (graph, options = {}) => compile(graph, options),
};

/** @param forCpuTraining whether the graph is written for training on the CPU; default: when it has gradients and runs there */
export async function compile(graph: Graph, options: CompileOptions, forCpuTraining?: boolean): Promise<Executable> {
  const { precision = "fp32", provider = "cpu" } = options;
  if (precision !== "fp32") {
    throw new RegnetError(
      `unsupported precision "${precision}" in ONNX Runtime; use fp32, or the engine onednn`,
      "unsupported",
      "precision",
    );
  }
  const threads = chooseThreads(options.threads);
  if (provider === "cpu") expectMemory(memoryUse(graph).total);
  return OnnxRuntimeExecutable.create(graph, startingState(graph, options), { threads, provider, forCpuTraining });
}
