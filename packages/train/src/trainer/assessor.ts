import type { Graph, Tensors } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import type { Score } from "./accuracy.js";
import { Evaluator } from "./evaluator.js";
import { PreciseStatistics } from "./preciseStatistics.js";
import { inferenceGraph, type Setup } from "./setup.js";

/** The weights that count, and how good they are. */
export interface Assessed {
  readonly score: Score;
  readonly weights: Tensors;
}

/** Turns the present state of a training into the weights that count, and says how good they are. */
export class Assessor {
  private constructor(
    readonly graph: Graph,
    private readonly evaluator: Evaluator,
    private readonly precise: PreciseStatistics | undefined,
  ) {}

  /** @param state values for every parameter of the networks, which are replaced at each assessment */
  static async create(setup: Setup, state: Tensors): Promise<Assessor> {
    const { dataSet, recipe, resolution, engine, threads, precision, workers, seed } = setup;
    const graph = inferenceGraph(setup, evaluationBatch(setup));
    const compile = { threads, precision, state };
    const { augmentation, batch } = recipe;
    const loading = { dataSet, resolution, augmentation, workers, seed };
    const evaluator = new Evaluator(await engine.compile(graph, compile), { ...loading, split: "val" });
    const steps = setup.partly ? 0 : Math.ceil(recipe.preciseStatistics / batch);
    const precise =
      steps > 0
        ? await PreciseStatistics.create(inferenceGraph(setup, batch), engine, compile, {
            ...loading,
            split: "train",
            mode: "train",
            batch,
            steps: Math.min(steps, setup.stepsPerEpoch),
          })
        : undefined;
    return new Assessor(graph, evaluator, precise);
  }

  /** @throws the signal's reason once it is aborted */
  async assess(training: Executable, signal?: AbortSignal): Promise<Assessed> {
    const present = this.present(training);
    const weights = this.precise ? await this.precise.refresh(present, signal) : present;
    return { weights, score: await this.evaluator.evaluate(weights, signal) };
  }

  async close(): Promise<void> {
    await this.evaluator.close();
    await this.precise?.close();
  }

  /** Weights and statistics of the training, averaged where averages are kept. */
  private present(training: Executable): Tensors {
    const held = new Set(training.graph.parameters.map(({ name }) => name));
    const source = (name: string) => (held.has(`ema:${name}`) ? `ema:${name}` : name);
    return Object.fromEntries(this.graph.parameters.map(({ name }) => [name, training.read(source(name))]));
  }
}

/** Images a batch of evaluation. */
export function evaluationBatch({ recipe, dataSet }: Setup): number {
  return Math.min(recipe.batch, dataSet.splits.val.count);
}
