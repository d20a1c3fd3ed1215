import { buildModel, differentiate, type ModelSpec } from "@regnet/core";
import { chooseEngine, type Executable } from "@regnet/engine";
import type { StudySpec } from "../study/spec.js";

/** What is measured: training steps of one network with one thread. */
export interface ProbeTask extends Pick<StudySpec, "engine" | "precision" | "resolution" | "channels" | "classes"> {
  readonly model: ModelSpec;
  readonly batch: number;
}

/** Measures how fast this process trains a network. */
export class SpeedProbe {
  private constructor(private readonly executable: Executable) {}

  /** @throws RegnetError where there is no engine, or none that can do it */
  static async prepare({ model, batch, engine, precision, ...input }: ProbeTask): Promise<SpeedProbe> {
    const graph = buildModel(model, { batch, ...input });
    const optimiser = { kind: "sgd", momentum: 0.9, weightDecay: 5e-5 } as const;
    const training = differentiate(graph, { kind: "softmaxCrossEntropy" }, optimiser);
    const executable = await chooseEngine(engine).compile(training, { threads: 1, precision });
    await executable.run();
    return new SpeedProbe(executable);
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
