import { Worker } from "node:worker_threads";
import { RegnetError } from "@regnet/core";
import { closeAtExit, closeGate, createGate } from "@regnet/engine/nativeGate";
import { builtModule } from "../builtModule.js";
import type { BatchBuffers } from "./batchMaker.js";
import { isFull, markFree, type Ring, ringSlots, validIn } from "./ring.js";
import type { WorkerTask } from "./workerTask.js";

/** A worker and its ring, seen from the training thread. The process may end while the worker works ahead. */
export class WorkerRing {
  readonly slots: readonly BatchBuffers[];
  private readonly ring: Ring;
  private readonly gate = createGate();
  private readonly worker: Worker;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(task: Omit<WorkerTask, "gate">) {
    this.ring = task.ring;
    this.slots = ringSlots(task.ring);
    this.worker = new Worker(builtModule("augment/worker.js"), {
      workerData: { ...task, gate: this.gate },
      execArgv: [],
    });
    closeAtExit(this.worker, this.gate);
    this.worker.unref();
    this.worker.on("message", () => this.wake?.());
    this.worker.on("error", (error) => this.fail(error));
    this.worker.on("exit", (code) => this.fail(new Error(`it ended with exit code ${code}`)));
  }

  /** Resolves once the slot is full. @returns how many of its images count */
  async full(slot: number): Promise<number> {
    if (!isFull(this.ring, slot)) await this.waitFor(slot);
    return validIn(this.ring, slot);
  }

  /** Gives the slot back to the worker. */
  release(slot: number): void {
    markFree(this.ring, slot);
  }

  async close(): Promise<void> {
    this.fail(new RegnetError("the loader was closed"));
    closeGate(this.gate);
    await this.worker.terminate();
  }

  private async waitFor(slot: number): Promise<void> {
    this.worker.ref();
    try {
      while (!isFull(this.ring, slot)) {
        if (this.failure) throw this.failure;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      this.wake = undefined;
      this.worker.unref();
    }
  }

  private fail(error: Error): void {
    this.failure ??= error instanceof RegnetError ? error : new RegnetError(`image worker failed: ${error.message}`);
    this.wake?.();
  }
}
