import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readText, systemCode, writeAtomically } from "./storage.js";

/** As much of an error stream's end as is kept, in bytes. */
export const TAIL_BYTES = 4096;
/** As much as a trial's `errors.log` keeps. */
const LOG_BYTES = 4 * TAIL_BYTES;

/** Keeps the end of a crashed attempt's error stream. */
export function addError(path: string, text: string): void {
  const all = `${readText(path) ?? ""}${text.slice(-TAIL_BYTES).trimEnd()}\n`;
  writeAtomically(path, all.slice(-LOG_BYTES));
}

/** The end of a file, or nothing where there is none. */
export function errorTail(path: string, bytes = TAIL_BYTES): string {
  try {
    const file = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(bytes);
      const read = readSync(file, buffer, 0, bytes, Math.max(0, fstatSync(file).size - bytes));
      return buffer.toString("utf8", 0, read).trim();
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}
