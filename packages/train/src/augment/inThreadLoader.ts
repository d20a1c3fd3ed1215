import type { DataSet } from "../data/dataSet.js";
import { type BatchBuffers, BatchMaker, type BatchPlan } from "./batchMaker.js";
import { eventLoopTurn } from "./eventLoop.js";
import { iterate } from "./iterate.js";
import type { Batch, Loader } from "./loader.js";
import { StepCounter, type Steps } from "./stepCounter.js";

/** Makes each batch when it is asked for, in the caller's thread. */
export class InThreadLoader implements Loader {
  readonly stepsPerEpoch: number;
  waited = 0;
  private readonly maker: BatchMaker;
  private readonly counter: StepCounter;

  constructor(
    dataSet: DataSet,
    plan: BatchPlan,
    private readonly buffers: BatchBuffers,
    steps: Steps,
  ) {
    this.maker = new BatchMaker(dataSet, plan);
    this.counter = new StepCounter(steps);
    this.stepsPerEpoch = steps.perEpoch;
  }

  async next(): Promise<Batch | undefined> {
    const step = this.counter.next();
    if (step === undefined) return undefined;
    await eventLoopTurn();
    const started = performance.now();
    const valid = this.maker.make(step, this.buffers);
    this.waited += performance.now() - started;
    return { step, epoch: Math.floor(step / this.stepsPerEpoch), valid, ...this.buffers };
  }

  async close(): Promise<void> {
    this.counter.stop();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Batch, void> {
    return iterate(this);
  }
}
