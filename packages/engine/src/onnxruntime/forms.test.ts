import { describe, it } from "vitest";
import { engineContract } from "../testing/index.js";
import { compile, onnxruntime } from "./index.js";

/** Single ops are trained nowhere, and other providers than the CPU's are not at hand: their forms are called for here. */
for (const forCpuTraining of [true, false]) {
  const form = forCpuTraining ? "written for training on the CPU" : "written for any processor";
  describe(form, () => {
    engineContract(
      { ...onnxruntime, compile: (graph, options = {}) => compile(graph, options, forCpuTraining) },
      { describe, it },
    );
  });
}
