import type { Tensors } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import { dropPathInputs } from "./dropPath.js";
import { readState } from "./evaluator.js";
import { Feeder } from "./feeder.js";
import { inferenceGraph, type Setup, trainingGraph } from "./setup.js";
import { Stepper } from "./stepper.js";

/** What takes the steps of a training whose images have one side: its executable, its batches. */
export class Sized {
  private constructor(
    readonly side: number,
    readonly executable: Executable,
    readonly stepper: Stepper,
    private readonly feeder: Feeder,
  ) {}

  /**
   * @param state a value for every parameter of the training graph
   * @param step steps done before
   */
  static async create(setup: Setup, side: number, state: Tensors, step: number): Promise<Sized> {
    const sized = { ...setup, resolution: side };
    const graph = trainingGraph(sized);
    const { engine, threads, precision, recipe } = setup;
    const executable = await engine.compile(graph, { threads, precision, state });
    const dropPaths = dropPathInputs(graph, inferenceGraph(sized, recipe.batch));
    const feeder = new Feeder(executable, sized, step);
    return new Sized(side, executable, new Stepper(executable, feeder, setup, dropPaths), feeder);
  }

  /** The same training on images of another side. This one is closed first: two would need twice the memory. */
  async resized(setup: Setup, side: number, step: number): Promise<Sized> {
    const state = readState(this.executable);
    await this.close();
    return Sized.create(setup, side, state, step);
  }

  async close(): Promise<void> {
    await this.feeder.close();
    this.executable.dispose();
  }
}
