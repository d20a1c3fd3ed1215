import type { Worker } from "node:worker_threads";

/**
 * Keeps Node from stopping a thread in the midst of a native call. When a process exits, Node stops its threads
 * wherever they are; a call through koffi that is stopped so cannot even throw, and aborts the whole process. A thread
 * therefore passes each call through its gate, and the process closes the gates before it exits: it waits for calls
 * under way and lets no other begin.
 *
 * The shared words: whether the gate is closed, and whether the thread is inside a call.
 */
const CLOSED = 0;
const INSIDE = 1;

/** No call takes so long but one that hangs. */
const PATIENCE_MS = 10_000;

/** An open gate, for one thread. */
export function createGate(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

const gates = new Set<SharedArrayBuffer>();

/** Closes the worker's gate before this process exits, if the worker still lives. */
export function closeAtExit(worker: Worker, gate: SharedArrayBuffer): void {
  if (gates.size === 0) process.on("exit", closeGates);
  gates.add(gate);
  worker.once("exit", () => {
    gates.delete(gate);
    if (gates.size === 0) process.off("exit", closeGates);
  });
}

function closeGates(): void {
  for (const gate of gates) closeGate(gate);
}

/** Returns once the thread is outside native calls, where it will stay; it may then be terminated. */
export function closeGate(gate: SharedArrayBuffer): void {
  const words = new Int32Array(gate);
  Atomics.store(words, CLOSED, 1);
  Atomics.wait(words, INSIDE, 1, PATIENCE_MS);
}

/** True once `closeGate` was called: the thread will answer nothing any more. */
export function isClosed(gate: SharedArrayBuffer): boolean {
  return Atomics.load(new Int32Array(gate), CLOSED) === 1;
}

let own: Int32Array | undefined;

/** Sends this thread's native calls through a gate that its parent may close. */
export function useGate(gate: SharedArrayBuffer): void {
  own = new Int32Array(gate);
}

/** Whether this thread's native calls pass through a gate. */
export function usesGate(): boolean {
  return own !== undefined;
}

/** A native function that passes through the thread's gate; where that is closed, the thread waits for its end. */
export function gated<A extends readonly unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    if (own === undefined) return call(...args);
    enter(own);
    try {
      return call(...args);
    } finally {
      leave(own);
    }
  };
}

/** Either this thread sees that the gate is closed, or the one that closes it sees this one inside: both are in order. */
function enter(words: Int32Array): void {
  Atomics.store(words, INSIDE, 1);
  if (Atomics.load(words, CLOSED) === 0) return;
  leave(words);
  Atomics.wait(words, CLOSED, 1);
}

function leave(words: Int32Array): void {
  Atomics.store(words, INSIDE, 0);
  if (Atomics.load(words, CLOSED) === 1) Atomics.notify(words, INSIDE);
}
