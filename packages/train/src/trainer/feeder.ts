import type { Executable } from "@regnet/engine";
import { createLoader } from "../augment/createLoader.js";
import type { Loader } from "../augment/loader.js";
import type { Setup } from "./setup.js";

/** Brings batches to a training executable: the next one is made while a step runs. */
export class Feeder {
  private readonly loader: Loader;
  private pending: ReturnType<Loader["next"]> | undefined;

  constructor(
    private readonly executable: Executable,
    { dataSet, recipe, resolution, seed, workers }: Setup,
    startStep: number,
  ) {
    const { augmentation, batch } = recipe;
    const options = { dataSet, split: "train", mode: "train", batch, resolution, augmentation, seed } as const;
    this.loader = createLoader({ ...options, startStep, workers });
  }

  /** Fills the executable's inputs with the next batch. @returns seconds that it was waited for */
  async fill(): Promise<number> {
    const started = performance.now();
    const batch = await (this.pending ?? this.loader.next());
    this.pending = undefined;
    const waited = (performance.now() - started) / 1000;
    if (!batch) throw new RangeError("a training loader never ends");
    this.executable.input("image").set(batch.images);
    this.executable.input("target").set(batch.targets);
    return waited;
  }

  /** Starts making the batch that the next `fill` takes. */
  prefetch(): void {
    this.pending ??= this.loader.next();
    this.pending.catch(() => {});
  }

  async close(): Promise<void> {
    await this.pending?.catch(() => {});
    await this.loader.close();
  }
}
