import { createLoader } from "../augment/createLoader.js";
import type { Batch, Loader, LoaderOptions } from "../augment/loader.js";

/** Two batches ahead are enough, and less memory to keep. */
const AHEAD = 2;

/** Passes over the same batches. Workers remain from one to the next, and work ahead meanwhile on its first batches. */
export class Passes {
  private loader: Loader | undefined;

  constructor(private readonly options: LoaderOptions) {}

  /** Visits each batch of a pass. After an error, the next pass begins at the first batch again. */
  async each(visit: (batch: Batch) => Promise<void>): Promise<void> {
    const loader = this.loader ?? createLoader({ ahead: AHEAD, ...this.options, repeat: true });
    this.loader = loader;
    try {
      for (let batch = await loader.next(); batch; batch = await loader.next()) await visit(batch);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Stops the workers; another pass would start new ones. */
  async close(): Promise<void> {
    const { loader } = this;
    this.loader = undefined;
    await loader?.close();
  }
}
