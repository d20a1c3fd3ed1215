import type { DataSet } from "../data/dataSet.js";
import { type BatchBuffers, BatchMaker, type BatchPlan } from "./batchMaker.js";
import { eventLoopTurn } from "./eventLoop.js";
import { iterate } from "./iterate.js";
import type { Batch, Loader } from "./loader.js";

/** Makes each batch when it is asked for, in the caller's thread. */
export class InThreadLoader implements Loader {
  readonly stepsPerEpoch: number;
  waited = 0;
  private readonly maker: BatchMaker;

  constructor(
    dataSet: DataSet,
    plan: BatchPlan,
    private readonly buffers: BatchBuffers,
    private step: number,
    private readonly end: number,
  ) {
    this.maker = new BatchMaker(dataSet, plan);
    this.stepsPerEpoch = this.maker.stepsPerEpoch;
  }

  async next(): Promise<Batch | undefined> {
    if (this.step >= this.end) return undefined;
    await eventLoopTurn();
    const started = performance.now();
    const step = this.step++;
    const valid = this.maker.make(step, this.buffers);
    this.waited += performance.now() - started;
    return { step, epoch: Math.floor(step / this.stepsPerEpoch), valid, ...this.buffers };
  }

  async close(): Promise<void> {
    this.step = this.end;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Batch, void> {
    return iterate(this);
  }
}
