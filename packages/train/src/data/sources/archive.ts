import { createReadStream, type Stats } from "node:fs";
import { basename, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { hashFiles } from "../contents.js";
import type { SplitName } from "../dataSet.js";
import { decodeImage } from "../decode.js";
import { hasImageExtension, isHidden, VAL_FOLDERS } from "./names.js";
import type { Source, SourceItem } from "./source.js";
import { readTar } from "./tar.js";

/** Whether a file's name says that it is an archive of class folders. */
export function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(path);
}

/**
 * Class folders in a tar archive, gzipped or not: `train/<class>/…` and `val/<class>/…`, or `<class>/…`, with or
 * without folders above them. Nothing is unpacked onto the disk.
 */
export function archiveSource(path: string, stats: Pick<Stats, "size" | "mtimeMs">): Source {
  return {
    name: basename(path).replace(/\.(?:tar|tar\.gz|tgz)$/i, ""),
    location: path,
    signature: `tar ${resolve(path)} ${stats.size} ${stats.mtimeMs}`,
    channels: 3,
    skipped: [],
    notes: [],
    contents: (options) => hashFiles([{ name: isGzip(path) ? "tar.gz" : "tar", path }], options),
    items: () => readItems(path),
  };
}

function isGzip(path: string): boolean {
  return /gz$/i.test(path);
}

async function* readItems(path: string): AsyncGenerator<SourceItem> {
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  const stream = isGzip(path) ? file.pipe(createGunzip()) : file;
  try {
    for await (const { name, content } of readTar(stream, path, wanted)) {
      const { className, split } = placeOf(name);
      yield { name, className, split, load: (options) => decodeImage(content, options) };
    }
  } finally {
    stream.destroy();
    file.destroy();
  }
}

function wanted(name: string): boolean {
  const parts = name.split("/");
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
