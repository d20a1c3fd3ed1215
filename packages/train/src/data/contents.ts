import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { availableParallelism } from "node:os";
import { pipeline } from "node:stream/promises";
import { explainReading } from "../systemErrors.js";
import type { OpenOptions } from "./dataSet.js";
import { orderedMap } from "./pack/orderedMap.js";

export interface NamedFile {
  /** Name that belongs to the data set, wherever it is. */
  readonly name: string;
  readonly path: string;
}

export interface HashOptions extends Pick<OpenOptions, "onProgress" | "signal"> {
  /** Called for a file that cannot be read, which then counts as that. Default: it is an error. */
  readonly onUnreadable?: () => void;
}

/**
 * A digest of the names and bytes of files, whatever folder they are in.
 * @throws RegnetError for a file that cannot be read, unless it may be left out
 */
export async function hashFiles(
  files: readonly NamedFile[],
  { onProgress, signal, onUnreadable }: HashOptions,
): Promise<string> {
  const lineOf = async ({ name, path }: NamedFile) => `${JSON.stringify(name)} ${await hashFile(path, onUnreadable)}\n`;
  const hash = createHash("sha256");
  let done = 0;
  for await (const line of orderedMap(files, lineOf, 2 * availableParallelism())) {
    signal?.throwIfAborted();
    hash.update(line);
    onProgress?.({ phase: "check", done: ++done, total: files.length });
  }
  return hash.digest("hex");
}

async function hashFile(path: string, onUnreadable: HashOptions["onUnreadable"]): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 18 }), hash);
  } catch (error) {
    if (!onUnreadable) throw explainReading(error, path);
    onUnreadable();
    return "unreadable";
  }
  return hash.digest("hex");
}
