import { type BatchStatistics, type Graph, statisticsGraph, type Tensors } from "@regnet/core";
import type { CompileOptions, Engine, Executable } from "@regnet/engine";
import type { LoaderOptions } from "../augment/loader.js";
import { writeState } from "./evaluator.js";
import { Passes } from "./passes.js";

/** The batches are another draw than those of the training. */
const SEED_OFFSET = 0x5eed;

/**
 * Batch-norm statistics as the mean over many batches under fixed weights, in place of the running ones, which lag
 * behind (pycls's precise BN). The batches are the same each time.
 */
export class PreciseStatistics {
  private constructor(
    private readonly executable: Executable,
    private readonly statistics: readonly BatchStatistics[],
    private readonly passes: Passes,
  ) {}

  /** Undefined where the network has no batch norm. */
  static async create(
    graph: Graph,
    engine: Engine,
    compile: CompileOptions,
    loading: LoaderOptions,
  ): Promise<PreciseStatistics | undefined> {
    const forward = statisticsGraph(graph);
    if (forward.statistics.length === 0) return undefined;
    const executable = await engine.compile(forward.graph, compile);
    for (const { name } of forward.graph.inputs) if (name !== "image") executable.input(name).fill(1);
    const { mix: _, ...augmentation } = loading.augmentation;
    const seed = (loading.seed ?? 0) + SEED_OFFSET;
    return new PreciseStatistics(executable, forward.statistics, new Passes({ ...loading, augmentation, seed }));
  }

  /** The weights with new statistics. @throws the signal's reason once it is aborted */
  async refresh(weights: Tensors, signal?: AbortSignal): Promise<Tensors> {
    writeState(this.executable, weights);
    const sums = this.statistics.flatMap((one) => [
      new Sum(one.runningMean.name, 1),
      new Sum(one.runningVariance.name, one.correction),
    ]);
    let batches = 0;
    await this.passes.each(async ({ images }) => {
      signal?.throwIfAborted();
      this.executable.input("image").set(images);
      await this.executable.run();
      for (const sum of sums) sum.add(this.executable.output(sum.name));
      batches++;
    });
    return { ...weights, ...Object.fromEntries(sums.map((sum) => [sum.name, sum.mean(batches)])) };
  }

  async close(): Promise<void> {
    await this.passes.close();
    this.executable.dispose();
  }
}

/** A statistic summed over batches in float64. */
class Sum {
  private total = new Float64Array(0);

  constructor(
    readonly name: string,
    private readonly factor: number,
  ) {}

  add(values: Float32Array): void {
    if (this.total.length === 0) this.total = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) this.total[i] += values[i];
  }

  mean(batches: number): Float32Array {
    return Float32Array.from(this.total, (value) => (value * this.factor) / batches);
  }
}
