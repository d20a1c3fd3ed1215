import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { LOCAL_INTERVAL } from "../study/heartbeat.js";
import type { Study } from "../study/study.js";
import type { Executor, ExecutorAvailability, RunObserver } from "./executor.js";
import { imagesOf } from "./images.js";
import { Pool } from "./pool.js";
import { best, fittingBeside, type HeldMemory, probe } from "./probe.js";
import { WorkerProcess } from "./workerProcess.js";

export interface LocalOptions {
  /** Worker processes at once. Default: as many as a measurement of the first trials finds to pay off. */
  readonly workers?: number;
  /** Seconds of steps before that measurement; default 3: JavaScript is still being compiled until then, on all cores. */
  readonly warmUp?: number;
  /** Seconds that a stopped trial gets for its checkpoint; default 60. */
  readonly grace?: number;
}

/** Age from which a worker is replaced. */
const RECYCLE_SECONDS = 1800;
/** Workers that begin before it is known how much memory one takes. */
const UNASKED = 2;

/** Runs trials on this machine: worker processes with one network at a time each. */
export class LocalExecutor implements Executor {
  readonly id = "local";
  private readonly prepared: WorkerProcess[] = [];

  constructor(private readonly options: LocalOptions = {}) {}

  async probe(): Promise<ExecutorAvailability> {
    return { available: true, description: `${availableParallelism()} processors on this machine` };
  }

  prepare(study: Study): () => void {
    this.addWorkers(this.prepared, study, study.spec.trials);
    return () => {
      for (const worker of this.prepared.splice(0)) worker.kill();
    };
  }

  async run(study: Study, ids: readonly number[], observer: RunObserver, signal: AbortSignal): Promise<void> {
    if (ids.length === 0 || signal.aborted) return;
    const { workers: asked, warmUp = 3, grace = 60 } = this.options;
    const started = this.prepared.splice(0);
    const most = this.addWorkers(started, study, ids.length);
    const probing = asked === undefined && most > 1 && study.spec.task === "train";
    try {
      const images = await imagesOf(study);
      const workers = probing ? Math.min(UNASKED, most) : most;
      const options = { images, grace, interval: LOCAL_INTERVAL, recycle: RECYCLE_SECONDS, workers, started };
      const pool = new Pool(study, ids, options, observer);
      const running = pool.run(signal);
      // What keeps it from reading, the trials themselves will say.
      if (probing) adapt(pool, { study, ids, most, warmUp, observer }).catch(() => undefined);
      await running;
    } finally {
      for (const worker of started) worker.kill();
    }
  }

  /** Adds what so many trials lack. @returns how many workers they have use for at most */
  private addWorkers(workers: WorkerProcess[], study: Study, trials: number): number {
    const places = Math.max(1, Math.floor(availableParallelism() / study.spec.threads));
    const most = Math.min(this.options.workers ?? places, trials);
    while (workers.length < most) workers.push(new WorkerProcess(study, LOCAL_INTERVAL));
    return most;
  }
}

interface Adapting {
  readonly study: Study;
  readonly ids: readonly number[];
  readonly most: number;
  /** Seconds. */
  readonly warmUp: number;
  readonly observer: RunObserver;
}

/** As many workers as the memory holds, then as many of them as pay off: measured once all are at their first trials. */
async function adapt(pool: Pool, { study, ids, most, warmUp, observer }: Adapting): Promise<void> {
  const held = await firstSteps(pool);
  if (held.length === 0) return;
  pool.resize(Math.min(most, held.length + fittingBeside(held, study, ids)));
  await steppingOf(pool);
  await setTimeout(1000 * warmUp, undefined, { ref: false });
  const { workers } = pool;
  const points = workers.length > 1 ? await probe(workers) : undefined;
  if (!points) return;
  const { processes, speed } = best(points);
  observer.onNote?.(`${processes} of ${most} processes pay off here: ${speed.toFixed(1)} times one's speed`);
  pool.resize(processes);
}

/** What those workers hold that took a step; where the first ones died before, those that took their places. */
async function firstSteps(pool: Pool): Promise<HeldMemory[]> {
  for (;;) {
    const held = (await steppingOf(pool)).filter((one) => one !== undefined);
    if (held.length > 0 || pool.workers.length === 0) return held;
    await setTimeout(100, undefined, { ref: false });
  }
}

function steppingOf({ workers }: Pool): Promise<(HeldMemory | undefined)[]> {
  return Promise.all(workers.map(({ stepping }) => stepping));
}
