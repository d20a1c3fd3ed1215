import { RegnetError } from "@regnet/core";
import type { DataSetHandle } from "@regnet/train";
import { recordCrash } from "../study/claim.js";
import { addError } from "../study/errorTail.js";
import { readResult, readTrial } from "../study/read.js";
import { StorageError } from "../study/storage.js";
import type { Study } from "../study/study.js";
import type { TrialResult } from "../study/trial.js";
import type { RunObserver } from "./executor.js";
import { TrialQueue } from "./queue.js";
import { type WorkerMessage, WorkerProcess } from "./workerProcess.js";
import type { WorkerOutcome } from "./workerProtocol.js";

export interface PoolOptions {
  /** Worker processes at once, to begin with. */
  readonly workers: number;
  /** Some that are there already. */
  readonly started?: readonly WorkerProcess[];
  /** Where the images are, for trials that train. */
  readonly images?: DataSetHandle;
  /** Seconds between heartbeats. */
  readonly interval: number;
  /** Seconds that a stopped worker gets for its checkpoint. */
  readonly grace: number;
  /** Age in seconds from which a worker is replaced between two trials, so that no leak adds up. */
  readonly recycle: number;
}

/** Trials shorter than this, in milliseconds, are handed out ahead to the last, so that no worker waits for its parent. */
const SHORT_TRIAL = 100;
/** Before a trial that another process holds is looked at again, in milliseconds. */
const HELD_PAUSE = 500;
/** Workers in a row that die before they can work, until the pool gives up. */
const MOST_FAILED_STARTS = 3;

interface Slot {
  readonly number: number;
  worker?: WorkerProcess;
  ready: boolean;
  bornAt: number;
  begunAt: number;
  short: boolean;
  retiring: boolean;
  /** Its worker's last trial is given back, and nobody takes its place. */
  dismissed: boolean;
}

/** Runs trials in worker processes until every one has a result. Used once. */
export class Pool {
  private readonly queue: TrialQueue;
  private readonly slots: Slot[];
  private readonly started: WorkerProcess[];
  private failedStarts = 0;
  private stopping = false;
  private error: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private done: () => void = () => undefined;

  constructor(
    private readonly study: Study,
    ids: readonly number[],
    private readonly options: PoolOptions,
    private readonly observer: RunObserver,
  ) {
    this.queue = new TrialQueue(ids);
    this.started = [...(options.started ?? [])];
    const count = Math.max(1, Math.min(options.workers, ids.length));
    this.slots = Array.from({ length: count }, (_, number) => emptySlot(number));
  }

  /** @throws the error for which the study as a whole cannot go on */
  async run(signal: AbortSignal): Promise<void> {
    if (this.queue.unfinished === 0 || signal.aborted) return;
    const stop = () => this.stop();
    signal.addEventListener("abort", stop, { once: true });
    const ended = new Promise<void>((resolve) => {
      this.done = resolve;
    });
    for (const slot of this.slots) this.start(slot);
    await ended;
    signal.removeEventListener("abort", stop);
    if (this.error) throw this.error;
  }

  /** Those that run trials, or are about to. */
  get workers(): readonly WorkerProcess[] {
    return this.slots.flatMap(({ worker, dismissed }) => (worker && !dismissed ? worker : []));
  }

  /** So many workers at once from now on. The surplus ones leave checkpoints, and others go on with their trials. */
  resize(count: number): void {
    if (this.stopping) return;
    for (const slot of this.slots.slice(count)) this.dismiss(slot);
    while (this.slots.length < count) {
      const slot = emptySlot(this.slots.length);
      this.slots.push(slot);
      this.start(slot);
    }
  }

  private start(slot: Slot): void {
    const worker = this.nextWorker();
    Object.assign(slot, emptySlot(slot.number), { worker, bornAt: performance.now() });
    worker.events = {
      message: (message) => this.receive(slot, message),
      exit: (how) => this.ended(slot, how),
    };
    if (worker.ready) this.receive(slot, { type: "ready" });
  }

  private nextWorker(): WorkerProcess {
    let worker = this.started.shift();
    while (worker?.ended) worker = this.started.shift();
    return worker ?? new WorkerProcess(this.study, this.options.interval);
  }

  private receive(slot: Slot, message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        slot.ready = true;
        this.failedStarts = 0;
        this.feed(slot);
        break;
      case "begin":
        slot.begunAt = performance.now();
        this.observer.onBegin?.(message.id, slot.number);
        break;
      case "epoch":
        this.observer.onEpoch?.(message.id, message.metrics, slot.number);
        break;
      case "outcome":
        slot.worker?.trials.shift();
        slot.short = performance.now() - slot.begunAt < SHORT_TRIAL;
        this.settle(message.id, message.outcome);
        this.feed(slot);
        break;
      case "fatal":
        this.fail(errorOf(message, this.study));
        break;
      default:
        message satisfies never;
    }
  }

  private settle(id: number, outcome: WorkerOutcome): void {
    switch (outcome.kind) {
      case "finished":
        this.finish(id, outcome.result);
        break;
      case "crashed":
        this.observer.onNote?.(`trial ${id} crashed, to be tried again: ${outcome.reason}`);
        this.queue.giveBack(id);
        break;
      case "held":
        this.queue.giveBack(id, HELD_PAUSE);
        break;
      case "stopped":
        this.queue.giveBack(id);
        break;
      default:
        outcome satisfies never;
    }
  }

  private finish(id: number, result: TrialResult): void {
    this.queue.finish();
    const trial = readTrial(this.study, id);
    if (trial) this.observer.onFinished?.({ trial, result });
  }

  private feed(slot: Slot): void {
    const { worker } = slot;
    if (!worker || !slot.ready || slot.dismissed || this.stopping) return;
    if (this.queue.unfinished === 0) this.finishAll();
    else if (!this.isOld(slot)) this.give(worker, slot.short || this.queue.plenty(2 * this.slots.length) ? 2 : 1);
    else if (worker.trials.length === 0) this.retire(slot);
  }

  private give(worker: WorkerProcess, wanted: number): void {
    while (worker.trials.length < wanted) {
      const id = this.queue.take();
      if (id === undefined) {
        this.wait();
        return;
      }
      worker.run(id, this.options.images);
    }
  }

  /** Feeds the idle workers again once a trial is due. */
  private wait(): void {
    const pause = this.queue.pause;
    if (this.timer || pause === undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      for (const slot of this.slots) this.feed(slot);
    }, pause + 1);
  }

  private isOld(slot: Slot): boolean {
    return performance.now() - slot.bornAt > this.options.recycle * 1000;
  }

  private retire(slot: Slot): void {
    slot.retiring = true;
    slot.ready = false;
    slot.worker?.stop();
  }

  private dismiss(slot: Slot): void {
    slot.dismissed = true;
    slot.worker?.stop();
  }

  private ended(slot: Slot, how: string): void {
    const { worker, ready, retiring, dismissed } = slot;
    slot.worker = undefined;
    if (worker && !this.stopping && !retiring && !dismissed) this.mourn(worker, ready, how);
    for (const id of worker?.trials ?? []) this.recover(id);
    if (this.stopping) this.leaveIfAlone();
    else if (this.queue.unfinished === 0) this.finishAll();
    else if (dismissed) this.close(slot);
    else this.start(slot);
  }

  /** What its worker gave back, others go on with. */
  private close(slot: Slot): void {
    this.observer.onLeave?.(slot.number);
    for (const other of this.slots) this.feed(other);
  }

  /** A worker died. What it said last belongs to the trial at work, or, before it was ready, to the study. */
  private mourn(worker: WorkerProcess, ready: boolean, how: string): void {
    const [id] = worker.trials;
    if (id === undefined) this.countFailedStart(worker, ready, how);
    else this.noteDeath(id, worker, how);
  }

  private countFailedStart(worker: WorkerProcess, ready: boolean, how: string): void {
    this.failedStarts++;
    if (ready || this.failedStarts < MOST_FAILED_STARTS) return;
    const text = `worker processes do not start (${how}): ${worker.errors || "they said nothing"}`;
    this.fail(new RegnetError(text, "unsupported"));
  }

  private noteDeath(id: number, worker: WorkerProcess, how: string): void {
    this.observer.onNote?.(`the worker of trial ${id} died (${how}), to be tried again`);
    try {
      const { claim, errors } = this.study.layout.trial(id);
      addError(errors, `${worker.errors}\nworker process: ${how}`);
      recordCrash(claim);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** A trial whose answer was lost with its worker: finished after all, or to be run again. */
  private recover(id: number): void {
    const result = readResult(this.study, id);
    if (result) this.finish(id, result);
    else this.queue.giveBack(id);
  }

  private fail(error: Error): void {
    this.error ??= error;
    this.stop();
  }

  /** Every trial has its result: the workers have nothing to keep. */
  private finishAll(): void {
    this.stopping = true;
    for (const { worker } of this.slots) worker?.kill();
    this.leave();
  }

  private stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    clearTimeout(this.timer);
    const workers = this.slots.flatMap(({ worker }) => worker ?? []);
    for (const worker of workers) worker.stop();
    this.timer = setTimeout(() => {
      for (const worker of workers) worker.kill();
    }, this.options.grace * 1000);
    if (workers.length === 0) this.leave();
  }

  private leaveIfAlone(): void {
    if (this.slots.every(({ worker }) => worker === undefined)) this.leave();
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.done();
  }
}

function errorOf(
  { message, storage, code }: Extract<WorkerMessage, { type: "fatal" }>,
  { folder }: Study,
): RegnetError {
  return storage ? new StorageError(message, folder, storage) : new RegnetError(message, code);
}

function emptySlot(number: number): Slot {
  return { number, ready: false, bornAt: 0, begunAt: 0, short: false, retiring: false, dismissed: false };
}
