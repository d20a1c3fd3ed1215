import type { BatchBuffers } from "./batchMaker.js";
import { eventLoopTurn } from "./eventLoop.js";
import { iterate } from "./iterate.js";
import type { Batch, Loader, LoaderOptions } from "./loader.js";
import { StepCounter, type Steps } from "./stepCounter.js";
import type { WorkerRing } from "./workerRing.js";

/** Hands out the batches that workers have made; the batches go round the workers, in each round its slots. */
export class ThreadedLoader implements Loader {
  waited = 0;
  private readonly counter: StepCounter;
  /** Batches handed out, over all passes. */
  private turn = 0;
  private held: (() => void) | undefined;

  constructor(
    private readonly rings: readonly WorkerRing[],
    private readonly steps: Steps,
    private readonly into: LoaderOptions["into"],
  ) {
    this.counter = new StepCounter(steps);
  }

  get stepsPerEpoch(): number {
    return this.steps.perEpoch;
  }

  async next(): Promise<Batch | undefined> {
    this.release();
    const step = this.counter.next();
    if (step === undefined) return undefined;
    await eventLoopTurn();
    const turn = this.turn++;
    const ring = this.rings[turn % this.rings.length];
    const slot = Math.floor(turn / this.rings.length) % ring.slots.length;
    const started = performance.now();
    const valid = await ring.full(slot);
    this.waited += performance.now() - started;
    this.held = () => ring.release(slot);
    return { step, epoch: Math.floor(step / this.stepsPerEpoch), valid, ...this.deliver(ring.slots[slot]) };
  }

  async close(): Promise<void> {
    this.held = undefined;
    this.counter.stop();
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
