import { createHash } from "node:crypto";
import { access, mkdir, open, rename } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { STALE_AFTER, touching, withLock } from "../../lock/lock.js";
import { explainReading } from "../../systemErrors.js";
import { writingCache } from "../cache.js";
import type { OpenOptions, SkippedFile } from "../dataSet.js";
import type { DecodeOptions } from "../decode.js";
import type { Image } from "../image.js";
import { sortNaturally } from "../naturalOrder.js";
import type { Source, SourceItem } from "../sources/source.js";
import { contentKey } from "./contentKey.js";
import { PACK_VERSION } from "./format.js";
import { removeFolder, removeLeftovers, temporaryFolder } from "./leftovers.js";
import { orderedMap } from "./orderedMap.js";
import { INDEX_FILE } from "./reader.js";
import { PackWriter } from "./writer.js";

export interface BuildOptions extends Pick<OpenOptions, "onProgress" | "signal"> {
  readonly cacheDirectory: string;
  readonly decode: DecodeOptions;
}

/**
 * The folder that holds a source's images decoded: made now, or found. The folder appears whole, by a rename; a
 * killed build leaves a temporary folder that the next one removes. When several processes ask at once, one builds.
 * @throws RegnetError with a remedy where the source cannot be read or the cache not be written
 */
export function ensurePack(source: Source, options: BuildOptions): Promise<string> {
  return writingCache(options.cacheDirectory, () => findOrBuild(source, options));
}

async function findOrBuild(source: Source, options: BuildOptions): Promise<string> {
  const key = packKey(await contentKey(source, options.cacheDirectory, options), options.decode);
  const directory = join(options.cacheDirectory, "packs", key);
  const isThere = () => exists(join(directory, INDEX_FILE));
  while (!(await isThere())) {
    await mkdir(dirname(directory), { recursive: true });
    await withLock(
      `${directory}.lock`,
      async () => {
        if (!(await isThere())) await build(source, key, directory, options);
      },
      { until: isThere, signal: options.signal, onWait: () => options.onProgress?.({ phase: "wait", done: 0 }) },
    );
  }
  return directory;
}

function packKey(content: string, { channels, side, fit }: DecodeOptions): string {
  const identity = JSON.stringify([PACK_VERSION, content, channels, side ?? 0, fit ?? "shorter"]);
  return createHash("sha256").update(identity).digest("hex").slice(0, 32);
}

/** Makes the folder, unless another process does it first, or takes this one for dead and its work away. */
async function build(source: Source, key: string, directory: string, options: BuildOptions): Promise<void> {
  await removeLeftovers(dirname(directory), STALE_AFTER);
  const temporary = temporaryFolder(directory);
  const writer = await PackWriter.create(temporary);
  try {
    await touching(temporary, () => fill(writer, source, key, options));
    await publish(temporary, directory);
  } catch (error) {
    await writer.abandon();
    const taken = !(await exists(temporary)) || (await exists(join(directory, INDEX_FILE)));
    await removeFolder(temporary);
    if (!taken) throw error;
  }
}

async function fill(writer: PackWriter, source: Source, key: string, options: BuildOptions): Promise<void> {
  const skipped: SkippedFile[] = [...source.skipped];
  let done = 0;
  const load = async (item: SourceItem) => ({ item, result: await attempt(item, options.decode) });
  for await (const { item, result } of orderedMap(itemsOf(source), load, 2 * availableParallelism())) {
    options.signal?.throwIfAborted();
    if ("reason" in result) skipped.push({ path: item.name, reason: result.reason });
    else await writer.add(result.image, item.className, item.split, item.name);
    done++;
    options.onProgress?.({ phase: "decode", done, total: source.total });
  }
  const present = writer.classNames;
  await writer.finish({
    version: PACK_VERSION,
    key,
    name: source.name,
    classes: source.classes ? [...source.classes] : sortNaturally([...present]),
    channels: options.decode.channels,
    skipped,
    notes: [...source.notes, ...emptyFolders(source, present)],
  });
}

/** The images of a source. Errors of reading are explained here; further up they would pass for the cache's. */
async function* itemsOf(source: Source): AsyncGenerator<SourceItem> {
  try {
    yield* source.items();
  } catch (error) {
    throw explainReading(error, source.location);
  }
}

type Attempt = { readonly image: Image } | { readonly reason: string };

async function attempt(item: SourceItem, decode: DecodeOptions): Promise<Attempt> {
  try {
    return { image: await item.load(decode) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function emptyFolders(source: Source, present: ReadonlySet<string>): string[] {
  return (source.folders ?? [])
    .filter((name) => !present.has(name))
    .map((name) => `class folder "${name}" holds no readable image: left out`);
}

async function publish(temporary: string, directory: string): Promise<void> {
  await syncDirectory(temporary);
  await rename(temporary, directory);
  await syncDirectory(dirname(directory));
}

/** Makes a rename durable; systems that cannot open a folder do without. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
