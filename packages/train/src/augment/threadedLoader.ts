import type { BatchBuffers } from "./batchMaker.js";
import { eventLoopTurn } from "./eventLoop.js";
import { iterate } from "./iterate.js";
import type { Batch, Loader, LoaderOptions } from "./loader.js";
import type { WorkerRing } from "./workerRing.js";

export interface Steps {
  readonly first: number;
  /** Infinite in training without an end. */
  readonly end: number;
  readonly perEpoch: number;
}

/** Hands out the batches that workers have made; the steps go round the workers, in each round its slots. */
export class ThreadedLoader implements Loader {
  waited = 0;
  private step: number;
  private held: (() => void) | undefined;

  constructor(
    private readonly rings: readonly WorkerRing[],
    private readonly steps: Steps,
    private readonly into: LoaderOptions["into"],
  ) {
    this.step = steps.first;
  }

  get stepsPerEpoch(): number {
    return this.steps.perEpoch;
  }

  async next(): Promise<Batch | undefined> {
    this.release();
    if (this.step >= this.steps.end) return undefined;
    await eventLoopTurn();
    const step = this.step;
    const turn = step - this.steps.first;
    const ring = this.rings[turn % this.rings.length];
    const slot = Math.floor(turn / this.rings.length) % ring.slots.length;
    const started = performance.now();
    const valid = await ring.full(slot);
    this.waited += performance.now() - started;
    this.step = step + 1;
    this.held = () => ring.release(slot);
    return { step, epoch: Math.floor(step / this.stepsPerEpoch), valid, ...this.deliver(ring.slots[slot]) };
  }

  async close(): Promise<void> {
    this.held = undefined;
    this.step = this.steps.end;
    await Promise.all(this.rings.map((ring) => ring.close()));
  }

  [Symbol.asyncIterator](): AsyncGenerator<Batch, void> {
    return iterate(this);
  }

  private release(): void {
    this.held?.();
    this.held = undefined;
  }

  private deliver(slot: BatchBuffers): BatchBuffers {
    if (!this.into) return slot;
    this.into.images.set(slot.images);
    this.into.targets.set(slot.targets);
    return { ...slot, ...this.into };
  }
}
