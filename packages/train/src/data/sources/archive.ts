import { createReadStream, type Stats } from "node:fs";
import { basename, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { hashFiles } from "../contents.js";
import type { SplitName } from "../dataSet.js";
import { decodeImage } from "../decode.js";
import { cifarClasses, cifarRecords, corruptCifar, findCifarFiles, isCifarFile } from "./cifarFormat.js";
import { hasImageExtension, isHidden, VAL_FOLDERS } from "./names.js";
import type { Source, SourceItem } from "./source.js";
import { readTar } from "./tar.js";

/** Whether a file's name says that it is an archive of class folders. */
export function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(path);
}

/** What CIFAR's files may take together in memory. */
const MAX_CIFAR_BYTES = 2 ** 30;

/**
 * Class folders in a tar archive, gzipped or not: `train/<class>/…` and `val/<class>/…`, or `<class>/…`, with or
 * without folders above them; or CIFAR's binary files. Nothing is unpacked onto the disk.
 */
export function archiveSource(path: string, stats: Pick<Stats, "size" | "mtimeMs">): Source {
  let classes: readonly string[] | undefined;
  return {
    name: basename(path).replace(/\.(?:tar|tar\.gz|tgz)$/i, ""),
    location: path,
    signature: `tar ${resolve(path)} ${stats.size} ${stats.mtimeMs}`,
    channels: 3,
    skipped: [],
    notes: [],
    contents: (options) => hashFiles([{ name: isGzip(path) ? "tar.gz" : "tar", path }], options),
    get classes() {
      return classes;
    },
    items: () =>
      readItems(path, (names) => {
        classes = names;
      }),
  };
}

function isGzip(path: string): boolean {
  return /gz$/i.test(path);
}

async function* readItems(path: string, onClasses: (names: readonly string[]) => void): AsyncGenerator<SourceItem> {
  const cifar = new Map<string, Uint8Array>();
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  const stream = isGzip(path) ? file.pipe(createGunzip()) : file;
  try {
    for await (const { name, content } of readTar(stream, path, wanted)) {
      const base = name.slice(name.lastIndexOf("/") + 1);
      if (isCifarFile(base)) {
        cifar.set(base, content);
        if (totalBytes(cifar) > MAX_CIFAR_BYTES) throw corruptCifar(path, "more than 1 GB in the archive");
        continue;
      }
      const { className, split } = placeOf(name);
      yield { name, className, split, load: (options) => decodeImage(content, options) };
    }
  } finally {
    stream.destroy();
    file.destroy();
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

function wanted(name: string): boolean {
  const parts = name.split("/");
  if (isCifarFile(parts[parts.length - 1])) return true;
  return parts.length > 1 && hasImageExtension(name) && !parts.some(isHidden);
}

/** The class is the folder after `train` or `val`; where there is neither, the folder that holds the image. */
function placeOf(name: string): { className: string; split: SplitName | undefined } {
  const folders = name.split("/").slice(0, -1);
  const at = folders.findIndex((folder) => splitOf(folder) !== undefined);
  const named = at >= 0 ? folders[at + 1] : undefined;
  return named === undefined
    ? { className: folders[folders.length - 1], split: undefined }
    : { className: named, split: splitOf(folders[at]) };
}

function splitOf(folder: string): SplitName | undefined {
  const name = folder.toLowerCase();
  if (name === "train") return "train";
  return VAL_FOLDERS.some((val) => val === name) ? "val" : undefined;
}
