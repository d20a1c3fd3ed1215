import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { RegnetError } from "@regnet/core";
import { cgroupFree } from "./cgroup.js";

/**
 * Bytes that this process can still take: what the machine has free, or less where a container allows less to all its
 * processes. Pages of files count as free, since they give way. (`process.availableMemory` takes them for used in a
 * container.) On macOS, the machine's memory.
 */
export function freeMemory(): number {
  // No limit is 0 or undefined, by the version of Node.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const free = tellsFree() ? freemem() : totalmem();
  return Math.max(0, Math.min(free, limit - ownBytes(), cgroupFree()));
}

/** @throws RegnetError when the process cannot take so many bytes more */
export function expectMemory(bytes: number): void {
  if (bytes > freeMemory()) throw outOfMemory(bytes);
}

export function outOfMemory(bytes: number): RegnetError {
  const gigabytes = (value: number) => `${(value / 2 ** 30).toFixed(1)} GB`;
  return new RegnetError(
    `out of memory: the network needs ${gigabytes(bytes)}, ${gigabytes(freeMemory())} are ${tellsFree() ? "free" : "there"}; use a smaller batch, resolution or network`,
    "invalid",
    "memory",
  );
}

/** On macOS free pages are few, since the system fills them with files, and what gives way is not told. */
function tellsFree(): boolean {
  return process.platform !== "darwin";
}

/** Bytes of this process that are not pages of files. */
function ownBytes(): number {
  try {
    const [, kilobytes] = /^RssAnon:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))!;
    return 1024 * Number(kilobytes);
  } catch {
    return process.memoryUsage.rss();
  }
}
