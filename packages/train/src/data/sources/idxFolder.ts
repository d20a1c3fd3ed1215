import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { invalid, RegnetError } from "@regnet/core";
import { hashFiles } from "../contents.js";
import type { SplitName } from "../dataSet.js";
import { reducePlanes } from "../reduce.js";
import { type IdxArray, readIdx } from "./idx.js";
import type { Source, SourceItem } from "./source.js";

/** Images and labels of one split. */
interface IdxPair {
  /** What stands before the split in the files' names, in small letters; MNIST's own have nothing there. */
  readonly prefix: string;
  readonly split: SplitName;
  readonly images: string;
  readonly labels: string;
}

/** MNIST's file names; EMNIST and others put a prefix before them. */
const imagesFile = /^(.*?)(train|t10k|test)-images[-.]idx[34]-ubyte(?:\.gz)?$/i;
const labelsFile = /^(.*?(?:train|t10k|test))-labels[-.]idx\d-\w+(?:\.gz)?$/i;

/** The pairs of IDX files among a folder's file names, of packed and unpacked ones the latter; empty where there are none. */
export function findIdxPairs(files: readonly string[]): readonly IdxPair[] {
  const unpackedFirst = [...files].sort((a, b) => Number(isGzip(a)) - Number(isGzip(b)));
  const pairs = new Map<string, IdxPair>();
  for (const images of unpackedFirst) {
    const [prefix, part] = imagesFile.exec(images.toLowerCase())?.slice(1) ?? [];
    const stem = `${prefix}${part}`;
    const labels = part && unpackedFirst.find((name) => labelsFile.exec(name.toLowerCase())?.[1] === stem);
    if (!labels || pairs.has(stem)) continue;
    pairs.set(stem, { prefix, split: part === "train" ? "train" : "test", images, labels });
  }
  return [...pairs.values()].sort((a, b) => (a.split === b.split ? 0 : a.split === "train" ? -1 : 1));
}

/** Whether a file's name is one that IDX files of images have. */
export function isIdxImages(name: string): boolean {
  return imagesFile.test(name);
}

function isGzip(name: string): boolean {
  return /\.gz$/i.test(name);
}

export interface IdxFolderOptions {
  /** Names of the classes in order; default: the numbers of the labels. */
  readonly classes?: readonly string[];
  readonly name?: string;
}

/**
 * The MNIST family: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, gzipped or not.
 * @throws RegnetError for the files of several data sets, such as EMNIST's divisions
 */
export async function idxFolderSource(
  directory: string,
  pairs: readonly IdxPair[],
  options: IdxFolderOptions = {},
): Promise<Source> {
  assertOne(directory, pairs);
  const root = resolve(directory);
  const names = pairs.flatMap(({ images, labels }) => [images, labels]);
  const signature = ["idx", root, ...(options.classes ?? [])];
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(root, name));
    signature.push(`${name} ${size} ${mtimeMs}`);
  }
  return {
    name: options.name ?? basename(root),
    location: directory,
    signature: signature.join("\n"),
    channels: 1,
    classes: options.classes,
    skipped: [],
    notes: [],
    contents: async (progress) => {
      const files = names.map((name) => ({ name, path: join(root, name) }));
      const digest = await hashFiles(files, progress);
      return { digest: [...(options.classes ?? []), digest].join("\n"), whole: true };
    },
    items: () => readPairs(root, pairs, options.classes),
  };
}

/** @throws RegnetError unless the pairs have one prefix and each split once */
function assertOne(directory: string, pairs: readonly IdxPair[]): void {
  const count = <T>(values: readonly T[]) => new Set(values).size;
  if (count(pairs.map(({ prefix }) => prefix)) === 1 && count(pairs.map(({ split }) => split)) === pairs.length) return;
  throw invalid(
    "data set",
    directory,
    `the files of one data set, but there are ${pairs.map(({ images }) => images).join(", ")}`,
    "put those of each into a folder of their own",
  );
}

async function* readPairs(
  root: string,
  pairs: readonly IdxPair[],
  classes: readonly string[] | undefined,
): AsyncGenerator<SourceItem> {
  for (const { split, images: imagesName, labels: labelsName } of pairs) {
    const images = await readIdx(join(root, imagesName));
    const labels = await readIdx(join(root, labelsName));
    checkPair(images, labels, join(root, imagesName), join(root, labelsName));
    const [count, height, width] = images.shape;
    for (let i = 0; i < count; i++) {
      const data = images.data.subarray(i * height * width, (i + 1) * height * width);
      const label = labels.data[i];
      if (classes && label >= classes.length) throw badLabel(join(root, labelsName), label, classes.length);
      const image = { data, channels: 1, height, width } as const;
      yield {
        name: `${imagesName}#${i}`,
        className: classes ? classes[label] : String(label),
        split: pairs.length > 1 ? split : undefined,
        load: async (options) => reducePlanes(image, options),
      };
    }
  }
}

function checkPair(images: IdxArray, labels: IdxArray, imagesPath: string, labelsPath: string): void {
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || height < 1 || width < 1 || height > 4096 || width > 4096) {
    throw new RegnetError(
      `invalid IDX file "${imagesPath}": shape ${images.shape.join("×")}, expected images×height×width, sides 1 to 4096`,
      "corrupt",
      imagesPath,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new RegnetError(
      `invalid IDX file "${labelsPath}": shape ${labels.shape.join("×")}, expected ${count}, one label an image`,
      "corrupt",
      labelsPath,
    );
  }
}

function badLabel(path: string, label: number, classes: number): RegnetError {
  return new RegnetError(`invalid IDX file "${path}": label ${label}, expected 0 to ${classes - 1}`, "corrupt", path);
}
