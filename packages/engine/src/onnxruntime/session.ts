import { type Graph, RegnetError } from "@regnet/core";
import type { InferenceSession } from "onnxruntime-node";
import type { CompileOptions } from "../engine.js";
import { loadRuntime, providers } from "./runtime.js";

export interface SessionOptions {
  readonly threads: number;
  readonly provider: NonNullable<CompileOptions["provider"]>;
  /** Whether the graph is written for training on the CPU; default: when it has gradients and runs there. */
  readonly forCpuTraining?: boolean;
  /** Where to write a profile; absent: no profiling. */
  readonly profile?: string;
}

/**
 * A session of a graph. An inference graph's parameters are stored in it, so that they are folded and repacked once;
 * a training graph's are inputs, and their next values outputs.
 *
 * @throws RegnetError (`unsupported`) when the library refuses the graph or the provider
 */
export async function createSession(
  graph: Graph,
  weights: Readonly<Record<string, Float32Array>>,
  options: SessionOptions,
): Promise<InferenceSession> {
  const { toOnnx } = await import("@regnet/core");
  const { threads, provider, profile } = options;
  const trains = graph.updates.length > 0;
  const { forCpuTraining = provider === "cpu" && hasGradients(graph) } = options;
  const model = toOnnx(graph, {
    batch: "static",
    updates: trains,
    forCpuTraining,
    ...(trains ? { parameters: "inputs" as const } : { weights }),
  });
  const profiling = profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile };
  try {
    return await loadRuntime().InferenceSession.create(model, {
      executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // With a plan of all memory RegNetX-400MF takes a quarter more in training, an eighth in inference, and no less time.
      enableMemPattern: false,
      logSeverityLevel: 4,
      ...profiling,
    });
  } catch (error) {
    throw refusal(error, provider);
  }
}

function hasGradients({ nodes }: Graph): boolean {
  return nodes.some(({ op }) => op.includes("Backward"));
}

function refusal(error: unknown, provider: string): RegnetError {
  const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
  const known = providers();
  const hint =
    provider === "cpu" ? "" : `; this onnxruntime-node has ${known.join(", ")}, and the provider "cpu" runs everywhere`;
  return new RegnetError(`unsupported by ONNX Runtime (${provider}): ${reason}${hint}`, "unsupported", provider);
}
