import { availableParallelism } from "node:os";
import { LOCAL_INTERVAL } from "../study/heartbeat.js";
import type { Study } from "../study/study.js";
import type { Executor, ExecutorAvailability, RunObserver } from "./executor.js";
import { imagesOf } from "./images.js";
import { Pool } from "./pool.js";
import { probeWorkers } from "./probe.js";
import { WorkerProcess } from "./workerProcess.js";

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
    if (ids.length === 0 || signal.aborted) return;
    const count = Math.min(this.options.workers ?? availableParallelism(), ids.length);
    const started = Array.from({ length: count }, () => new WorkerProcess(study, LOCAL_INTERVAL));
    try {
      const found = imagesOf(study);
      const paying = this.options.workers ? started : measure(study, ids, started, found, observer);
      const [images, chosen] = await Promise.all([found, paying]);
      for (const surplus of started.filter((worker) => !chosen.includes(worker))) surplus.kill();
      const { grace = 60 } = this.options;
      const options = { images, grace, interval: LOCAL_INTERVAL, recycle: RECYCLE_SECONDS };
      await new Pool(study, ids, { ...options, workers: chosen.length, started: chosen }, observer).run(signal);
    } finally {
      for (const worker of started) worker.kill();
    }
  }
}

/** Those of the workers that pay off. They get ready while the images are looked for. */
async function measure(
  study: Study,
  ids: readonly number[],
  workers: readonly WorkerProcess[],
  images: Promise<unknown>,
  observer: RunObserver,
): Promise<readonly WorkerProcess[]> {
  const found = study.spec.task === "train" && workers.length > 1 && (await probeWorkers(study, ids, workers, images));
  if (!found) return workers;
  const { workers: chosen, points } = found;
  const rate = points.find(({ processes }) => processes === chosen.length)?.rate ?? points[0].rate;
  const gain = (rate / points[0].rate).toFixed(1);
  const [n, all] = [chosen.length, workers.length];
  observer.onNote?.(`${n} of ${all} processes pay off here: ${gain} times one's speed`);
  return chosen;
}
