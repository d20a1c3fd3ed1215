import { createReadStream, type Stats } from "node:fs";
import { basename, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { RegnetError } from "@regnet/core";
import { hashFiles } from "../contents.js";
import { decodeImage } from "../decode.js";
import { cifarClasses, cifarRecords, corruptCifar, findCifarFiles, isCifarFile } from "./cifarFormat.js";
import { isIdxImages } from "./idxFolder.js";
import { chooseSplits, hasImageExtension, isHidden, isSplitName, looseNotes, type SplitFolders } from "./names.js";
import type { Source, SourceItem } from "./source.js";
import { readTar, type TarFile } from "./tar.js";

/** Whether a file's name says that it is an archive of class folders. */
export function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(path);
}

/** Counts the changes to how the images of an archive are divided: what was stored under an older one is not reused. */
const DIVISION = 3;
/** What CIFAR's files may take together in memory. */
const MAX_CIFAR_BYTES = 2 ** 30;

/**
 * Class folders in a tar archive, gzipped or not: `train/<class>/…` and `val/<class>/…`, or else `<class>/…`, with or
 * without folders above them; or CIFAR's binary files. Nothing is unpacked onto the disk.
 */
export function archiveSource(path: string, stats: Pick<Stats, "size" | "mtimeMs">): Source {
  let classes: readonly string[] | undefined;
  let notes: readonly string[] = [];
  return {
    name: basename(path).replace(/\.(?:tar|tar\.gz|tgz)$/i, ""),
    location: path,
    signature: `tar ${DIVISION} ${resolve(path)} ${stats.size} ${stats.mtimeMs}`,
    channels: 3,
    skipped: [],
    contents: async (options) => {
      const name = `tar${isGzip(path) ? ".gz" : ""} ${DIVISION}`;
      return { digest: await hashFiles([{ name, path }], options), whole: true };
    },
    get notes() {
      return notes;
    },
    get classes() {
      return classes;
    },
    async *items() {
      const layout = await layoutOf(path);
      notes = layout.notes;
      const onClasses = (names: readonly string[]) => {
        classes = names;
      };
      let count = 0;
      for await (const item of readItems(path, layout, onClasses)) {
        yield item;
        count++;
      }
      if (count === 0 && layout.holdsIdx) throw packedIdx(path);
    },
  };
}

function isGzip(path: string): boolean {
  return /gz$/i.test(path);
}

/** Which folders are splits: a first reading, since it depends on all of them. */
async function layoutOf(path: string): Promise<Layout> {
  const layout = new Layout();
  const note = (name: string) => {
    if (isImage(name)) layout.note(name);
    else if (isIdxImages(baseName(name))) layout.holdsIdx = true;
    return false;
  };
  for await (const _ of files(path, note));
  return layout;
}

async function* files(path: string, wanted: (name: string) => boolean): AsyncGenerator<TarFile> {
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  const stream = isGzip(path) ? file.pipe(createGunzip()) : file;
  // A pipe does not pass errors on.
  file.on("error", (error) => stream.destroy(error));
  try {
    yield* readTar(stream, path, wanted);
  } finally {
    stream.destroy();
    file.destroy();
  }
}

async function* readItems(
  path: string,
  layout: Layout,
  onClasses: (names: readonly string[]) => void,
): AsyncGenerator<SourceItem> {
  const cifar = new Map<string, Uint8Array>();
  for await (const { name, content } of files(path, (name) => isCifar(name) || placeOf(name, layout) !== undefined)) {
    const place = placeOf(name, layout);
    if (place) yield { name, ...place, load: (options) => decodeImage(content, options) };
    else {
      cifar.set(baseName(name), content);
      if (totalBytes(cifar) > MAX_CIFAR_BYTES) throw corruptCifar(path, "more than 1 GB in the archive");
    }
  }
  yield* readCifar(cifar, onClasses);
}

function* readCifar(
  contents: ReadonlyMap<string, Uint8Array>,
  onClasses: (names: readonly string[]) => void,
): Generator<SourceItem> {
  const found = findCifarFiles([...contents.keys()]);
  if (!found) return;
  const { layout, files } = found;
  const classes = cifarClasses(new TextDecoder().decode(contents.get(layout.namesFile)), layout);
  onClasses(classes);
  for (const file of files) yield* cifarRecords(contents.get(file.name) ?? new Uint8Array(), file, layout, classes);
}

function totalBytes(contents: ReadonlyMap<string, Uint8Array>): number {
  return [...contents.values()].reduce((sum, { length }) => sum + length, 0);
}

function isCifar(name: string): boolean {
  return isCifarFile(baseName(name));
}

function packedIdx(path: string): RegnetError {
  return new RegnetError(
    `unsupported archive "${path}": IDX files are read from folders only; unpack it and open the folder that holds them`,
    "unsupported",
    path,
  );
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function isImage(name: string): boolean {
  return hasImageExtension(name) && !isCifar(name) && !name.split("/").some(isHidden);
}

type Place = Pick<SourceItem, "className" | "split">;

/** The folders that are named like splits, by those above them. */
class Layout {
  private readonly beside = new Map<string, Set<string>>();
  /** Images that lie in none of their folders. */
  private outside = 0;
  /** Whether one of them is `train`: then images outside are in no class. */
  isDivided = false;
  /** Whether there are files of the MNIST family. */
  holdsIdx = false;

  note(name: string): void {
    const { above, splitFolder, within } = partsOf(name);
    if (!splitFolder || !within) {
      this.outside++;
      return;
    }
    this.beside.set(above, (this.beside.get(above) ?? new Set()).add(splitFolder));
    this.isDivided ||= chooseSplits([splitFolder]).splits.size > 0;
  }

  get notes(): string[] {
    const leftOut = [...this.beside.values()].flatMap((folders) => [...chooseSplits(folders).notes]);
    return this.isDivided ? [...leftOut, ...looseNotes(this.outside)] : leftOut;
  }

  splits(above: string): SplitFolders["splits"] {
    return chooseSplits(this.beside.get(above) ?? []).splits;
  }
}

/**
 * The class of an image is the folder within `train` or `val`; in an archive without `train`, the folder that holds it.
 * Images beside `train` and `val`, right in them, or in a folder that is left out have no place.
 */
function placeOf(name: string, layout: Layout): Place | undefined {
  if (!isImage(name)) return undefined;
  const { above, splitFolder, within, holder } = partsOf(name);
  if (!layout.isDivided) return holder ? { className: holder, split: undefined } : undefined;
  const split = splitFolder && layout.splits(above).get(splitFolder);
  return split && within ? { className: within, split } : undefined;
}

interface Parts {
  /** The folders above the first that is named like a split, joined. */
  readonly above: string;
  readonly splitFolder: string | undefined;
  /** The folder within that one. */
  readonly within: string | undefined;
  /** The folder that holds the image. */
  readonly holder: string | undefined;
}

function partsOf(name: string): Parts {
  const folders = name.split("/").slice(0, -1);
  const at = folders.findIndex(isSplitName);
  return {
    above: folders.slice(0, Math.max(0, at)).join("/"),
    splitFolder: folders[at],
    within: at < 0 ? undefined : folders[at + 1],
    holder: folders[folders.length - 1],
  };
}
