import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isDead, newOwner } from "./owner.js";

/** Milliseconds after which a holder that has not stirred is taken for dead. */
export const STALE_AFTER = 30_000;

export interface LockOptions {
  /** A holder that has not stirred for this long is dead. Default 30 s; holders stir every fifth of it. */
  readonly staleAfter?: number;
  /** Called each time the lock is found taken. */
  readonly onWait?: () => void;
  /** Gives up waiting, without the lock, once this is true. */
  readonly until?: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

/**
 * Holds a lock file while `work` runs. Of several processes one works at a time; the lock of a process that is dead,
 * or has not stirred, is taken over. It saves doubled work and nothing more: what `work` does must be right without it,
 * for a stopped process can wake after its lock was taken.
 * @returns what `work` gives, or undefined when `until` came true first
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T | undefined> {
  const staleAfter = options.staleAfter ?? STALE_AFTER;
  const owner = newOwner();
  for (let wait = 20; !(await tryCreate(path, owner)); wait = Math.min(wait * 1.5, 500)) {
    options.signal?.throwIfAborted();
    if (await options.until?.()) return undefined;
    if (await isStale(path, staleAfter)) await breakLock(path, staleAfter);
    else {
      options.onWait?.();
      // An abort makes `delay` throw an error of its own; the caller gets the signal's reason.
      await delay(wait, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
    }
  }
  try {
    return await touching(path, work, staleAfter);
  } finally {
    if ((await ownerOf(path)) === owner) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Touches a file or folder now and then while `work` runs, so that others see that somebody is at it. */
export async function touching<T>(path: string, work: () => Promise<T>, staleAfter = STALE_AFTER): Promise<T> {
  const heartbeat = setInterval(() => void touch(path), staleAfter / 5);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
  }
}

/** A full disk may have room for the file, but not for its owner's name: then it is removed, or it would be nobody's. */
async function tryCreate(path: string, owner: string): Promise<boolean> {
  const file = await openNew(path);
  if (!file) return false;
  try {
    await file.writeFile(owner);
    return true;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** A file that is not there yet, or undefined. */
async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
}

async function isStale(path: string, staleAfter: number): Promise<boolean> {
  const [owner, stats] = await Promise.all([ownerOf(path), stat(path).catch(() => undefined)]);
  if (owner === undefined || !stats) return false;
  return Date.now() - stats.mtimeMs > staleAfter || isDead(owner);
}

/**
 * Moves the lock aside before removing it, so that of two breakers only one succeeds. The slower one may have moved the
 * lock of the quicker one: it is put back.
 */
export async function breakLock(path: string, staleAfter: number): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if (!(await isStale(aside, staleAfter))) await link(aside, path).catch(() => undefined);
    await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function ownerOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
