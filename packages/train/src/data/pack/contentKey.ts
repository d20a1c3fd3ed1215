import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions } from "../dataSet.js";
import type { Source } from "../sources/source.js";

/**
 * The digest of a source's content. It is remembered under the source's signature (places, sizes and times of its
 * files), so that files are read for it only when they are new or were touched; a copy or a moved folder has the same.
 * Where a file could not be read, the key is this signature's alone and is not remembered: that it can be read again
 * changes neither its size nor its time.
 */
export async function contentKey(
  source: Source,
  cacheDirectory: string,
  options: Pick<OpenOptions, "onProgress" | "signal">,
): Promise<string> {
  const directory = join(cacheDirectory, "signatures");
  const path = join(directory, createHash("sha256").update(source.signature).digest("hex").slice(0, 32));
  const known = await readFile(path, "utf8").catch(() => "");
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const { digest, whole } = await source.contents(options);
  const key = createHash("sha256")
    .update(whole ? digest : `${source.signature}\n${digest}`)
    .digest("hex");
  if (!whole) return key;
  await mkdir(directory, { recursive: true });
  await keep(path, key);
  return key;
}

async function keep(path: string, key: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, key);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
