import type { Executable } from "@regnet/engine";
import { scheduleFactor, warmupShare } from "../recipe/schedule.js";
import type { Plan } from "../run/checkpoint.js";
import { mostLikely } from "./accuracy.js";
import { type DropPathInput, drawDropPaths } from "./dropPath.js";
import type { Feeder } from "./feeder.js";
import { shareAt } from "./plan.js";
import type { Setup } from "./setup.js";

/** What came of a step. */
export interface StepResult {
  readonly loss: number;
  /** Images whose most likely class was that of the target's greatest share. */
  readonly right: number;
  readonly seconds: number;
  /** Seconds that the step waited for its batch. */
  readonly waited: number;
}

/** Takes the steps of a training: fills the inputs, runs, reads the loss. */
export class Stepper {
  private readonly inputs: ReadonlySet<string>;

  constructor(
    private readonly executable: Executable,
    private readonly feeder: Feeder,
    private readonly setup: Setup,
    private readonly dropPaths: readonly DropPathInput[],
  ) {
    this.inputs = new Set(executable.graph.inputs.map(({ name }) => name));
  }

  /**
   * @param step steps done before this one
   * @param more whether another step follows, whose batch can be made meanwhile
   */
  async take(step: number, learningRate: number, more: boolean): Promise<StepResult> {
    const started = performance.now();
    const waited = await this.feeder.fill();
    this.setScalars(step, learningRate);
    drawDropPaths(this.executable, this.dropPaths, this.setup.seed, step);
    const running = this.executable.run();
    if (more) this.feeder.prefetch();
    await running;
    const loss = this.executable.output("loss")[0];
    return { loss, right: this.countRight(), seconds: (performance.now() - started) / 1000, waited };
  }

  /** @param step steps done before the one that is asked about */
  learningRate(step: number, plan: Plan): number {
    const { recipe, stepsPerEpoch } = this.setup;
    const warmup = warmupShare(recipe, plan.steps / stepsPerEpoch);
    return recipe.learningRate * scheduleFactor(recipe, { share: shareAt(plan, step), warmup });
  }

  private setScalars(step: number, learningRate: number): void {
    this.executable.input("learningRate")[0] = learningRate;
    if (this.inputs.has("step")) this.executable.input("step")[0] = step + 1;
    const { average } = this.setup.recipe;
    if (average) this.executable.input("averageShare")[0] = averageShare(average.decay, step);
  }

  private countRight(): number {
    const { batch } = this.setup.recipe;
    const [logits, target] = [this.executable.output("logits"), this.executable.input("target")];
    const classes = logits.length / batch;
    const row = (of: Float32Array, i: number) => mostLikely(of.subarray(i * classes, (i + 1) * classes));
    let right = 0;
    for (let i = 0; i < batch; i++) if (row(logits, i) === row(target, i)) right++;
    return right;
  }
}

/** Share of the new weights in their average; greater at first, so that the start is soon forgotten. */
export function averageShare(decay: number, step: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}
