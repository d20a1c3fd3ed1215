import type { Graph, Tensors } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import type { Batch, LoaderOptions } from "../augment/loader.js";
import { addToScore, emptyScore, type Score } from "./accuracy.js";
import { Passes } from "./passes.js";

/** Side up to which batches are made in this thread: starting a worker would take longer. */
const SMALL = 64;

/** Sees every batch with its logits (batch×classes, valid during the call). */
export type BatchVisitor = (batch: Batch, logits: Float32Array) => void;

/** Gives a network's inference executable its weights and runs it over a split. */
export class Evaluator {
  private readonly passes: Passes;

  constructor(
    private readonly executable: Executable,
    private readonly loading: Omit<LoaderOptions, "mode" | "batch">,
  ) {
    this.passes = new Passes({ ...evaluationLoading(loading), batch: executable.graph.batch });
  }

  /** @throws the signal's reason once it is aborted */
  async evaluate(weights: Tensors, signal?: AbortSignal, visit?: BatchVisitor): Promise<Score> {
    const { executable } = this;
    writeState(executable, weights);
    const score = emptyScore();
    const classes = this.loading.dataSet.classes.length;
    await this.passes.each(async (batch) => {
      executable.input("image").set(batch.images);
      await executable.run();
      signal?.throwIfAborted();
      const logits = executable.output("logits");
      addToScore(score, logits, batch.labels, classes);
      visit?.(batch, logits);
    });
    return score;
  }

  async close(): Promise<void> {
    await this.passes.close();
    this.executable.dispose();
  }
}

/** Sets every parameter that the graph has. */
export function writeState(executable: Executable, state: Tensors): void {
  for (const { name } of executable.graph.parameters) executable.write(name, state[name]);
}

/** A copy of every parameter of a graph that the executable holds. */
export function readState(executable: Executable, graph: Graph = executable.graph): Record<string, Float32Array> {
  return Object.fromEntries(graph.parameters.map(({ name }) => [name, executable.read(name)]));
}

function evaluationLoading(loading: Omit<LoaderOptions, "mode" | "batch">) {
  const workers = loading.resolution <= SMALL ? 0 : (loading.workers ?? 1);
  return { ...loading, mode: "evaluate" as const, workers };
}
