import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { RegnetError } from "@regnet/core";
import { type RefusalCode, refusalOf, systemCode } from "../systemErrors.js";

const REMEDIES: Readonly<Record<RefusalCode, string>> = {
  ENOSPC: "free some, then go on with --resume",
  EDQUOT: "free some space, then go on with --resume",
  EROFS: "give another folder",
  EACCES: "make the folder writable or give another",
  EPERM: "make the folder writable or give another",
  ENOENT: "give another",
  ENOTDIR: "give another",
  EISDIR: "give the name of a file",
};

/**
 * Makes a folder, and those above it, where they are not there yet.
 * @throws RegnetError with a remedy where that cannot be
 */
export function makeFolder(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    // Not `recursive`, which never ends in a file system that refuses new folders by ENOENT, as /proc does.
    const parent = dirname(path);
    if (parent !== path && !existsSync(parent)) makeFolder(parent);
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw explainWriting(error, path);
    if (!statSync(path).isDirectory()) throw new RegnetError(`cannot write into ${path}: it is a file, not a folder`);
  }
}

/** Takes a folder back that nothing was put into. */
export function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Something is in it.
  }
}

/** A name beside a file for what will replace it; another at every call, in whatever process. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomName()}.tmp`);
}

/** Sixteen letters and digits at random. No secret. */
export function randomName(): string {
  const half = () => Math.random().toString(36).slice(2, 10).padEnd(8, "0");
  return half() + half();
}

/** Replaces a file as a whole: readers see the old content or the new, whatever happens in between. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = temporaryPath(path);
  try {
    writeDurably(temporary, content);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explainWriting(error, path);
  }
}

/**
 * Writes a file as a whole where there is none yet: of several who want to, one does.
 * @returns whether it was this one
 */
export function writeNew(path: string, content: string | Uint8Array): boolean {
  const temporary = temporaryPath(path);
  try {
    writeDurably(temporary, content);
    linkOrRename(temporary, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw explainWriting(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Unlike a rename, a link replaces nothing. Where a file system has none, of two at the same moment both think it is theirs. */
function linkOrRename(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw error;
    if (existsSync(path)) throw Object.assign(new Error(`${path} is there already`), { code: "EEXIST" });
    renameSync(temporary, path);
  }
}

/** Adds to the end of a file, on the disk before it returns. */
export function appendDurably(path: string, content: string | Uint8Array): void {
  try {
    const file = openSync(path, "a");
    try {
      writeAll(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw explainWriting(error, path);
  }
}

/** The text of a file, or undefined where there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Does what reads a file; its errors then begin with the file's name. */
export function naming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RegnetError) throw new RegnetError(`${file}: ${error.message}`, error.code, file);
    throw error;
  }
}

/** Why something cannot be written in words; any other error as it is. */
export function explainWriting(error: unknown, path: string): unknown {
  const refusal = refusalOf(error);
  if (!refusal) return error;
  const message = `cannot write ${path}: ${refusal.reason}; ${REMEDIES[refusal.code]}`;
  return Object.assign(new RegnetError(message), { cause: error });
}

function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** A rename is durable once the folder is. Some file systems cannot sync a folder. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The content itself is safe; only the name may be the old one after a power failure.
  }
}
