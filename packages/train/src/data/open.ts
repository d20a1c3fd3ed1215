import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { closest, invalid, RegnetError } from "@regnet/core";
import type { DataSet, OpenOptions, SplitRule } from "./dataSet.js";
import { ensurePack } from "./pack/build.js";
import { heldOut, openHandle } from "./packedDataSet.js";
import { archiveSource, isArchive } from "./sources/archive.js";
import { cifarSource } from "./sources/cifar.js";
import { findCifarFiles } from "./sources/cifarFormat.js";
import { fashionMnistSource } from "./sources/fashionMnist.js";
import { folderSource } from "./sources/folder.js";
import { findIdxPairs, idxFolderSource } from "./sources/idxFolder.js";
import { isHidden } from "./sources/names.js";
import { shapesSource } from "./sources/shapes.js";
import type { Source } from "./sources/source.js";

/** Data sets that can be opened by name. */
export const namedDataSets = [
  { name: "fashion-mnist", summary: "60,000 + 10,000 grey images of clothing, 28×28, 10 classes (MIT licence)" },
  { name: "shapes", summary: "10,000 + 2,000 drawn shapes in colour, 32×32, 10 classes; shapes:N draws N + N/5" },
] as const;

const DEFAULT_RESOLUTION = 224;
const MAX_SIDE = 4096;

/**
 * Opens a data set: a folder of class folders (with or without `train/`, `val/` and `test/`), the same in a `.tar`, `.tar.gz`
 * or `.tgz`, a folder of IDX files (the MNIST family) or of CIFAR's binary files, or a name (`namedDataSets`). The
 * images are decoded on the first opening and kept in the cache.
 * @throws RegnetError when there is no such data set or it has no readable image
 */
export async function openDataSet(source: string, options: OpenOptions = {}): Promise<DataSet> {
  validate(options);
  const cacheDirectory = resolve(options.cacheDirectory ?? defaultCacheDirectory());
  const found = await resolveSource(source, { ...options, cacheDirectory });
  const decode = {
    channels: options.channels ?? found.channels,
    side: storedSide(options),
    fit: options.fit ?? "shorter",
  };
  const pack = await ensurePack(found, { ...options, cacheDirectory, decode });
  const dataSet = openHandle({ pack, name: found.name });
  if (dataSet.splits.train.count + dataSet.splits.val.count === 0) throw nothingReadable(source, dataSet);
  const divided = dataSet.splits.val.count > 0 ? dataSet : openHandle({ ...dataSet.handle, split: splitRule(options) });
  return options.holdOut ? heldOut(divided) : divided;
}

/** `$REGNET_CACHE`, else `$XDG_CACHE_HOME/regnet`, else `~/.cache/regnet`. */
export function defaultCacheDirectory(): string {
  const { REGNET_CACHE, XDG_CACHE_HOME } = process.env;
  return REGNET_CACHE || (XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "regnet") : join(homedir(), ".cache", "regnet"));
}

/** The network's side plus an eighth (256 for 224), so that random crops have room. */
function storedSide({ cacheResolution, resolution = DEFAULT_RESOLUTION }: OpenOptions): number {
  return cacheResolution ?? Math.round((resolution * 8) / 7);
}

function splitRule({ valFraction = 0.2, seed = 0 }: OpenOptions): SplitRule {
  return { fraction: valFraction, seed };
}

function validate({ resolution, cacheResolution, valFraction = 0, seed = 0 }: OpenOptions): void {
  for (const [what, side] of Object.entries({ resolution, cacheResolution })) {
    if (side !== undefined && !(Number.isInteger(side) && side >= 1 && side <= MAX_SIDE)) {
      throw invalid(what, side, `a whole number of pixels from 1 to ${MAX_SIDE}`);
    }
  }
  if (!(valFraction >= 0 && valFraction < 1))
    throw invalid("valFraction", valFraction, "a share from 0 up to, not including, 1");
  if (!Number.isSafeInteger(seed)) throw invalid("seed", seed, "a whole number");
}

type SourceOptions = OpenOptions & { readonly cacheDirectory: string };

async function resolveSource(source: string, options: SourceOptions): Promise<Source> {
  if (source === "fashion-mnist") return fashionMnistSource(options);
  const shapes = /^shapes(?::(\d{1,7}))?$/.exec(source);
  if (shapes)
    return shapesSource({ train: shapes[1] ? Math.max(10, Number(shapes[1])) : undefined, seed: options.seed });
  const stats = await stat(source).catch(() => undefined);
  if (!stats) throw notFound(source);
  if (stats.isDirectory()) return directorySource(source, options);
  if (isArchive(source)) return archiveSource(source, stats);
  throw invalid("data set", source, "a folder, a .tar, .tar.gz or .tgz of class folders, or a name");
}

async function directorySource(directory: string, options: SourceOptions): Promise<Source> {
  for (const place of [directory, ...(await datasetSubfolders(directory))]) {
    const entries = await readdir(place, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && !isHidden(entry.name)).map(({ name }) => name);
    const pairs = findIdxPairs(files);
    if (pairs.length > 0) return idxFolderSource(place, pairs);
    const cifar = findCifarFiles(files);
    if (cifar) return cifarSource(place, cifar);
    if (files.includes("data_batch_1")) throw pickledCifar(directory);
    const archive = files.find((name) => /^cifar-100?-binary\.tar\.gz$/.test(name));
    if (archive) return archiveSource(join(place, archive), await stat(join(place, archive)));
  }
  return folderSource(directory, options.onProgress);
}

/** Folders in which the archives of MNIST and CIFAR unpack their files. */
async function datasetSubfolders(directory: string): Promise<string[]> {
  const known = ["raw", "cifar-10-batches-bin", "cifar-100-binary", "cifar-10-batches-py"];
  const present = new Set(await readdir(directory));
  return known.filter((name) => present.has(name)).map((name) => join(directory, name));
}

function notFound(source: string): RegnetError {
  const names = namedDataSets.map(({ name }) => name);
  const near = closest(source, names);
  const hint = near ? `did you mean "${near}"?` : `expected a folder, an archive, or a name (${names.join(", ")})`;
  return new RegnetError(`unknown data set: "${source}"; no such file or folder; ${hint}`, "unknown", source);
}

function pickledCifar(directory: string): RegnetError {
  return new RegnetError(
    `unsupported data set "${directory}": CIFAR's Python version (pickles could run code); use its binary version`,
    "unsupported",
    directory,
  );
}

function nothingReadable(source: string, { skipped }: DataSet): RegnetError {
  const examples = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
  const why = examples.length > 0 ? ` (${skipped.length} skipped; ${examples.join("; ")})` : "";
  return new RegnetError(`invalid data set "${source}": no readable image${why}`, "invalid", source);
}
