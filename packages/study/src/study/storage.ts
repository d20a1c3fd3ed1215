import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type ErrorCode, RegnetError } from "@regnet/core";
import { temporaryPath } from "@regnet/train/files";

/** The storage could not take what had to be written. Nothing of the study is lost: running it again goes on. */
export class StorageError extends RegnetError {
  override readonly name = "StorageError";
  constructor(
    message: string,
    path: string,
    /** The system's code, for instance `ENOSPC`. */
    readonly systemCode: string,
  ) {
    super(message, "invalid" satisfies ErrorCode, path);
  }
}

const REMEDIES: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `no space left on the disk for ${path}: free some and run again, the study goes on where it was`,
  EDQUOT: (path) => `your disk quota is used up at ${path}: free some space and run again, the study goes on`,
  EROFS: (path) => `cannot write ${path}: the file system is read-only; remount it or copy the study elsewhere`,
  EACCES: (path) => `no permission to write ${path}: make the folder writable, or copy the study elsewhere`,
  EPERM: (path) => `not permitted to write ${path}: make the folder writable, or copy the study elsewhere`,
  EIO: (path) => `the disk failed at ${path}: check it, then run again`,
  ESTALE: (path) => `the shared folder of ${path} went away: mount it again, then run again`,
  EMFILE: (path) => `too many open files at ${path}: raise the limit (ulimit -n), then run again`,
};

/**
 * The error as a {@link StorageError} where the storage is to blame, by itself or as the cause it names, or as it is. An
 * error that names another place, such as the cache of images, keeps its words.
 */
export function explainStorage(error: unknown, path: string): unknown {
  if (error instanceof StorageError) return error;
  const causes = [error, error instanceof Error ? error.cause : undefined];
  const code = causes.map(systemCode).find((found) => found !== undefined && Object.hasOwn(REMEDIES, found));
  if (code === undefined) return error;
  const names = error instanceof RegnetError && error.path !== undefined;
  return names
    ? new StorageError(error.message, error.path!, code)
    : new StorageError(REMEDIES[code](path), path, code);
}

/** The code of a system error, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Replaces a file as a whole: readers see the old text or the new, whatever happens in between. */
export function writeAtomically(path: string, text: string): void {
  throughTemporary(path, text, true, (temporary) => {
    renameSync(temporary, path);
    return true;
  });
}

/**
 * Creates a file with its whole text at once, unless it exists.
 * @param durable also survives a power failure; costs about a millisecond
 * @returns whether this call created it
 */
export function createExclusively(path: string, text: string, durable = true): boolean {
  return throughTemporary(path, text, durable, (temporary) => {
    try {
      return linked(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** The text of a file, or undefined where there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw explainStorage(error, path);
  }
}

/** The JSON of a file, or undefined where there is none or it is torn. */
export function readJson(path: string): unknown {
  const text = readText(path);
  return text === undefined ? undefined : parseJson(text);
}

/** The value of a JSON text, or undefined where it is torn. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function throughTemporary(path: string, text: string, durable: boolean, publish: (from: string) => boolean): boolean {
  const temporary = temporaryPath(path);
  try {
    if (durable) writeDurably(temporary, text);
    else writeFileSync(temporary, text, { flag: "wx" });
    return publish(temporary);
  } catch (error) {
    discard(temporary);
    throw explainStorage(error, path);
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    return copied(from, to);
  }
}

function copied(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The first error is the one to tell.
  }
}
