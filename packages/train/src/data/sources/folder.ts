import { createHash } from "node:crypto";
import { type Stats, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { invalid } from "@regnet/core";
import { type HashOptions, hashFiles } from "../contents.js";
import type { SkippedFile, SplitName } from "../dataSet.js";
import { decodeImage } from "../decode.js";
import { compareNaturally } from "../naturalOrder.js";
import { orderedMap } from "../pack/orderedMap.js";
import { chooseSplits, hasImageExtension, isHidden, looseNotes } from "./names.js";
import type { Contents, Source, SourceItem, SourceProgress } from "./source.js";

interface Found {
  readonly name: string;
  readonly className: string;
  readonly split: SplitName | undefined;
  readonly path: string;
}

interface Listing {
  readonly files: Found[];
  readonly folders: Set<string>;
  readonly skipped: SkippedFile[];
  /** Files without an image's extension. */
  others: number;
  /** Images that lie in no class folder. */
  loose: number;
}

/** Folders within a class folder are looked into this deep. */
const MAX_DEPTH = 8;
/** `stat` calls in flight, where they take long. */
const STATS_AT_ONCE = 64;
/** Files between two turns of the event loop, and those by which it is seen how long one takes. */
const CHUNK = 100;
/** Milliseconds a file from which on several are asked for at once. A local disk is far quicker than a promise. */
const LONG_STAT = 0.05;
/** Slow chunks in a row that show a slow disk; fewer may only show that other programs are at work. */
const SLOW_CHUNKS = 3;

/**
 * Images in class folders: `train/<class>/…` and `val/<class>/…` (also `valid`, `validation`, `test`), or
 * `<class>/…` alone, to be divided. Hidden files are passed over.
 * @throws RegnetError when no class folder holds an image
 */
export async function folderSource(directory: string, onProgress?: SourceProgress): Promise<Source> {
  const root = resolve(directory);
  const listing: Listing = { files: [], folders: new Set(), skipped: [], others: 0, loose: 0 };
  const { places, notes } = await splitFolders(root);
  for (const { path, prefix, split } of places) await listClasses(listing, path, prefix, split);
  if (!places.some(({ path }) => path === root)) await countLoose(listing, root);
  if (listing.files.length === 0 && listing.skipped.length === 0) throw noImages(directory, listing);
  const hash = createHash("sha256").update(root);
  const { files, skipped } = await measure(listing, hash.update.bind(hash), onProgress);
  return {
    name: basename(root),
    location: directory,
    signature: `folder ${hash.digest("hex")}`,
    channels: 3,
    total: files.length,
    skipped: [...listing.skipped, ...skipped],
    notes: [...notes, ...notesOf(listing)],
    folders: [...listing.folders].sort(compareNaturally),
    contents: (options) => contentsOf(listing.folders, files, options),
    items: () => files.map(toItem),
  };
}

interface Place {
  readonly path: string;
  readonly prefix: string;
  readonly split: SplitName | undefined;
}

/** Where the class folders are, and which split each place is. */
async function splitFolders(root: string): Promise<{ places: readonly Place[]; notes: readonly string[] }> {
  const folders = await subfolders(root);
  const { splits, notes } = chooseSplits(folders);
  const [train] = splits.keys();
  if (train === undefined || (splits.size === 1 && folders.length > 1 && (await isClass(join(root, train))))) {
    return { places: [{ path: root, prefix: "", split: undefined }], notes: [] };
  }
  return { places: [...splits].map(([name, split]) => ({ path: join(root, name), prefix: `${name}/`, split })), notes };
}

/** Whether images lie in a folder itself and in none within: trains, and not what is trained on. */
async function isClass(directory: string): Promise<boolean> {
  const listing: Listing = { files: [], folders: new Set(), skipped: [], others: 0, loose: 0 };
  await listClasses(listing, directory, "", undefined);
  return listing.loose > 0 && listing.files.length === 0;
}

async function listClasses(
  listing: Listing,
  root: string,
  prefix: string,
  split: SplitName | undefined,
): Promise<void> {
  for (const className of await subfolders(root)) {
    listing.folders.add(className);
    await listFiles(listing, join(root, className), `${prefix}${className}/`, className, split, 0);
  }
  await countLoose(listing, root);
}

/** Images right in a folder whose folders are classes or splits. */
async function countLoose(listing: Listing, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() && !isHidden(entry.name) && hasImageExtension(entry.name)) listing.loose++;
  }
}

async function listFiles(
  listing: Listing,
  directory: string,
  prefix: string,
  className: string,
  split: SplitName | undefined,
  depth: number,
): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => compareNaturally(a.name, b.name))) {
    if (isHidden(entry.name)) continue;
    const [name, path] = [`${prefix}${entry.name}`, `${directory}${sep}${entry.name}`];
    if (entry.isDirectory()) {
      if (depth < MAX_DEPTH) await listFiles(listing, path, `${name}/`, className, split, depth + 1);
      else listing.skipped.push({ path: name, reason: `folders nested more than ${MAX_DEPTH} deep` });
    } else if (hasImageExtension(entry.name)) listing.files.push({ name, className, split, path });
    else listing.others++;
  }
}

/** Names of a folder's folders, links to folders among them, in natural order. */
async function subfolders(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (isHidden(entry.name)) continue;
    const isLink = entry.isSymbolicLink();
    if (entry.isDirectory() || (isLink && (await statOf(join(directory, entry.name)))?.isDirectory()))
      names.push(entry.name);
  }
  return names.sort(compareNaturally);
}

/** Sizes and times of all files into the hash; what is no regular file is skipped. */
async function measure(
  { files }: Listing,
  hash: (text: string) => unknown,
  onProgress?: SourceProgress,
): Promise<{ files: Found[]; skipped: SkippedFile[] }> {
  const regular: Found[] = [];
  const skipped: SkippedFile[] = [];
  let done = 0;
  for await (const chunk of measured(files)) {
    for (const { file, stats } of chunk) {
      hash(`${file.name}\0${stats?.size ?? -1}\0${stats?.mtimeMs ?? 0}\n`);
      if (stats?.isFile()) regular.push(file);
      else skipped.push({ path: file.name, reason: stats ? "not a regular file" : "a link to nothing" });
      if (++done % 1000 === 0) onProgress?.({ phase: "list", done, total: files.length });
    }
  }
  return { files: regular, skipped };
}

interface Measured {
  readonly file: Found;
  readonly stats: Stats | undefined;
}

async function* measured(files: readonly Found[]): AsyncGenerator<readonly Measured[]> {
  let next = 0;
  for (let slow = 0; slow < SLOW_CHUNKS && next < files.length; next += CHUNK) {
    const started = performance.now();
    const chunk = files.slice(next, next + CHUNK).map((file) => ({ file, stats: statNow(file.path) }));
    slow = performance.now() - started < LONG_STAT * chunk.length ? 0 : slow + 1;
    yield chunk;
    await setImmediate();
  }
  yield* orderedMap(files.slice(next), async (file) => [{ file, stats: await statOf(file.path) }], STATS_AT_ONCE);
}

function statNow(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

/** Of files any of which may be left out. */
async function contentsOf(folders: Iterable<string>, files: readonly Found[], options: HashOptions): Promise<Contents> {
  let whole = true;
  const onUnreadable = () => {
    whole = false;
  };
  const digest = await hashFiles(files, { ...options, onUnreadable });
  return { digest: [...folders, digest].join("\n"), whole };
}

function toItem({ name, className, split, path }: Found): SourceItem {
  return { name, className, split, load: (options) => decodeImage(path, options) };
}

function notesOf({ others, loose }: Listing): string[] {
  const notes: string[] = [];
  if (others > 0) notes.push(`${others} file${others === 1 ? "" : "s"} without an image's extension passed over`);
  return [...notes, ...looseNotes(loose)];
}

function noImages(directory: string, { loose, folders, others }: Listing): Error {
  const found =
    loose > 0
      ? `${loose} images that lie in no class folder`
      : folders.size > 0
        ? `${folders.size} folders without images${others > 0 ? ` (${others} other files)` : ""}`
        : "no folders";
  return invalid(
    "data set",
    directory,
    `class folders with images, but there are ${found}`,
    "put the images of each class in a folder of its name, beside each other or below train/ and val/",
  );
}
