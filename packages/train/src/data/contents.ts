import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { availableParallelism } from "node:os";
import { pipeline } from "node:stream/promises";
import type { OpenOptions } from "./dataSet.js";
import { orderedMap } from "./pack/orderedMap.js";

export interface NamedFile {
  /** Name that belongs to the data set, wherever it is. */
  readonly name: string;
  readonly path: string;
}

/** A digest of the names and bytes of files, whatever folder they are in. A file that cannot be read counts as that. */
export async function hashFiles(
  files: readonly NamedFile[],
  { onProgress, signal }: Pick<OpenOptions, "onProgress" | "signal">,
): Promise<string> {
  const hash = createHash("sha256");
  let done = 0;
  for await (const line of orderedMap(files, lineOf, 2 * availableParallelism())) {
    signal?.throwIfAborted();
    hash.update(line);
    onProgress?.({ phase: "check", done: ++done, total: files.length });
  }
  return hash.digest("hex");
}

async function lineOf({ name, path }: NamedFile): Promise<string> {
  return `${JSON.stringify(name)} ${await hashFile(path).catch(() => "unreadable")}\n`;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 18 }), hash);
  return hash.digest("hex");
}
