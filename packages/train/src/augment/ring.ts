import type { BatchBuffers } from "./batchMaker.js";

/** Elements of each of a batch's arrays. */
export interface BatchSizes {
  readonly images: number;
  readonly targets: number;
  readonly labels: number;
}

/** Batches in memory that a worker fills and the training thread empties, in turn. Plain data, for `postMessage`. */
export interface Ring {
  readonly sizes: BatchSizes;
  /** Of each slot: 0 free or 1 full; after these, how many images count. */
  readonly control: Int32Array;
  readonly memory: SharedArrayBuffer;
}

const FREE = 0;
const FULL = 1;

export function createRing(slots: number, sizes: BatchSizes): Ring {
  return {
    sizes,
    control: new Int32Array(new SharedArrayBuffer(2 * 4 * slots)),
    memory: new SharedArrayBuffer(slots * slotBytes(sizes)),
  };
}

/** The arrays of every slot. */
export function ringSlots({ sizes, control, memory }: Ring): BatchBuffers[] {
  return Array.from({ length: control.length / 2 }, (_, slot) => {
    const targets = slot * slotBytes(sizes) + 4 * sizes.images;
    const labels = targets + 4 * sizes.targets;
    return {
      images: new Float32Array(memory, slot * slotBytes(sizes), sizes.images),
      targets: new Float32Array(memory, targets, sizes.targets),
      labels: new Int32Array(memory, labels, sizes.labels),
      indices: new Int32Array(memory, labels + 4 * sizes.labels, sizes.labels),
    };
  });
}

function slotBytes({ images, targets, labels }: BatchSizes): number {
  return 4 * (images + targets + 2 * labels);
}

/** Blocks the worker until the slot is free. */
export function awaitFree({ control }: Ring, slot: number): void {
  while (Atomics.load(control, slot) === FULL) Atomics.wait(control, slot, FULL);
}

export function markFull({ control }: Ring, slot: number, valid: number): void {
  control[control.length / 2 + slot] = valid;
  Atomics.store(control, slot, FULL);
}

export function markFree({ control }: Ring, slot: number): void {
  Atomics.store(control, slot, FREE);
  Atomics.notify(control, slot);
}

export function isFull({ control }: Ring, slot: number): boolean {
  return Atomics.load(control, slot) === FULL;
}

/** Images that count in a full slot. */
export function validIn({ control }: Ring, slot: number): number {
  return control[control.length / 2 + slot];
}
