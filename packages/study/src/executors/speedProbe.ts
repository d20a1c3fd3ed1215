import { buildModel, differentiate, type ModelSpec } from "@regnet/core";
import { chooseEngine, type Executable } from "@regnet/engine";
import type { StudySpec } from "../study/spec.js";

/** What is measured: training steps of one network with one thread. */
export interface ProbeTask extends Pick<StudySpec, "engine" | "precision" | "resolution" | "channels" | "classes"> {
  readonly model: ModelSpec;
  readonly batch: number;
  /** Images a step of the trials to come. */
  readonly trialBatch: number;
}

/** Measures how fast this process trains a network. */
export class SpeedProbe {
  private constructor(
    private readonly executable: Executable,
    /** Bytes that this process will hold in a trial: what it holds now, its activations grown to the trial's batch. */
    readonly bytes: number,
  ) {}

  /** @throws RegnetError where there is no engine, or none that can do it */
  static async prepare({ model, batch, trialBatch, engine, precision, ...input }: ProbeTask): Promise<SpeedProbe> {
    const graph = buildModel(model, { batch, ...input });
    const optimiser = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 } as const;
    const training = differentiate(graph, { kind: "softmaxCrossEntropy" }, optimiser);
    const executable = await chooseEngine(engine).compile(training, { threads: 1, precision });
    await executable.run();
    const growth = executable.memory.activations * (trialBatch / batch - 1);
    return new SpeedProbe(executable, process.memoryUsage.rss() + growth);
  }

  /** Steps a second. */
  async measure(seconds: number): Promise<number> {
    const start = performance.now();
    let steps = 0;
    let elapsed = 0;
    do {
      await this.executable.run();
      steps++;
      elapsed = (performance.now() - start) / 1000;
    } while (elapsed < seconds);
    return steps / elapsed;
  }

  dispose(): void {
    this.executable.dispose();
  }
}
