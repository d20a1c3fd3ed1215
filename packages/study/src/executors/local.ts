import { availableParallelism } from "node:os";
import { LOCAL_INTERVAL } from "../study/heartbeat.js";
import type { Study } from "../study/study.js";
import type { Executor, ExecutorAvailability, RunObserver } from "./executor.js";
import { Pool } from "./pool.js";
import { probeWorkers } from "./probe.js";

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
    if (ids.length === 0) return;
    const workers = this.options.workers ?? (await this.measure(study, ids, observer));
    const grace = this.options.grace ?? 60;
    const options = { workers, grace, interval: LOCAL_INTERVAL, recycle: RECYCLE_SECONDS };
    await new Pool(study, ids, options, observer).run(signal);
  }

  private async measure(study: Study, ids: readonly number[], observer: RunObserver): Promise<number> {
    const processors = availableParallelism();
    if (study.spec.task !== "train" || processors === 1 || ids.length === 1) return processors;
    const found = await probeWorkers(study, ids, processors);
    if (!found) return processors;
    const chosen = found.points.find(({ processes }) => processes === found.workers) ?? found.points[0];
    const gain = chosen.rate / found.points[0].rate;
    observer.onNote?.(`${found.workers} of ${processors} processes pay off here: ${gain.toFixed(1)} times one's speed`);
    return found.workers;
  }
}
