import {
  buildModel,
  differentiate,
  type Graph,
  type ModelSpec,
  type NetworkOptions,
  randomFor,
  uniform,
} from "@regnet/core";
import type { EngineId, Executable, Precision } from "../engine.js";

/** One thing to be measured; plain data, so that it can be handed to another process. */
export interface Workload {
  readonly model: ModelSpec;
  /** Input size, channels and classes. */
  readonly options: Omit<NetworkOptions, "batch">;
  readonly engine: EngineId;
  readonly precision: Precision;
  readonly batch: number;
  /** A training step (SGD with momentum) instead of inference. */
  readonly train: boolean;
  readonly threads?: number;
  readonly provider?: "cpu" | "cuda" | "webgpu";
}

/** The graph that a workload runs. */
export function workloadGraph({ model, options, batch, train }: Workload): Graph {
  const forward = buildModel(model, { ...options, batch });
  if (!train) return forward;
  return differentiate(forward, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 });
}

/** Fills every input with numbers of the usual size. */
export function fillInputs(executable: Executable): void {
  for (const { name, value } of executable.graph.inputs) {
    const random = randomFor(0, name);
    const classes = value.shape[1] ?? 1;
    executable
      .input(name)
      .set(Array.from({ length: executable.input(name).length }, (_, i) => element(name, i, classes, random)));
  }
}

function element(name: string, index: number, classes: number, random: ReturnType<typeof randomFor>): number {
  if (name === "target") return Number(index % classes === Math.floor(index / classes) % classes);
  if (name === "learningRate") return 1e-3;
  if (name.startsWith("dropPath:")) return 1;
  return 2 * uniform(random) - 1;
}
