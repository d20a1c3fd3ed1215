import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { HeartMessage } from "./heartbeat.js";

/** Long enough for two counters: a beat overwrites the last in place, so that readers never see a half. */
const LINE = 40;
/** Seconds after which other machines are to see a beat: a network file system must not hold it back any longer. */
const SHARED = 5;

const { shared, interval } = workerData as { readonly shared: Int32Array; readonly interval: number };
let path: string | undefined;
let file: number | undefined;
let beats = 0;
let seenAt = Number.NEGATIVE_INFINITY;

while (receive()) {
  const woken = Atomics.load(shared, 0);
  beat();
  Atomics.wait(shared, 0, woken, interval * 1000);
}
close();

/** @returns false once it is told to stop */
function receive(): boolean {
  for (;;) {
    const received = parentPort && (receiveMessageOnPort(parentPort) as { message: HeartMessage } | undefined);
    if (!received) return true;
    if (received.message === "stop") return false;
    if (received.message.path !== path) turnTo(received.message.path);
  }
}

function turnTo(next: string | undefined): void {
  close();
  path = next;
  beats = 0;
}

function beat(): void {
  if (path === undefined) return;
  try {
    file ??= openSync(path, "w");
    beats++;
    writeSync(file, `${beats} ${Atomics.load(shared, 1)}`.padEnd(LINE), 0);
    show(file);
  } catch {
    // A full disk or a folder that is gone: the work itself will meet it and say so.
  }
}

function show(to: number): void {
  const now = performance.now() / 1000;
  if (now - seenAt < SHARED) return;
  fdatasyncSync(to);
  seenAt = now;
}

function close(): void {
  if (file !== undefined) closeSync(file);
  file = undefined;
}
