import { availableParallelism } from "node:os";
import { LOCAL_INTERVAL } from "../study/heartbeat.js";
import type { Study } from "../study/study.js";
import type { Executor, ExecutorAvailability, RunObserver } from "./executor.js";
import { Pool } from "./pool.js";

export interface LocalOptions {
  /** Worker processes at once. Default: as many as a short measurement finds to pay off. */
  readonly workers?: number;
  /** Seconds that a stopped trial gets for its checkpoint; default 60. */
  readonly grace?: number;
}

const RECYCLE_SECONDS = 1800;

/** Runs trials on this machine: worker processes with one thread and one network at a time each. */
export class LocalExecutor implements Executor {
  readonly id = "local";

  constructor(private readonly options: LocalOptions = {}) {}

  async probe(): Promise<ExecutorAvailability> {
    return { available: true, description: `${availableParallelism()} processors on this machine` };
  }

  async run(study: Study, ids: readonly number[], observer: RunObserver, signal: AbortSignal): Promise<void> {
    const workers = this.options.workers ?? availableParallelism();
    const grace = this.options.grace ?? 60;
    const options = { workers, grace, interval: LOCAL_INTERVAL, recycle: RECYCLE_SECONDS };
    await new Pool(study, ids, options, observer).run(signal);
  }
}
