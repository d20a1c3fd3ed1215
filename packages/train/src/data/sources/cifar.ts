import { open, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { RegnetError } from "@regnet/core";
import { hashFiles } from "../contents.js";
import type { SplitName } from "../dataSet.js";
import { reducePlanes } from "../reduce.js";
import type { Source, SourceItem } from "./source.js";

const SIDE = 32;
const PIXEL_BYTES = 3 * SIDE * SIDE;
const MAX_FILE_BYTES = 2 ** 30;

/** One of CIFAR's two layouts: bytes before the pixels, which of them is the class, where the classes' names are. */
interface Layout {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  readonly namesFile: string;
}

const cifar10: Layout = { labelBytes: 1, classes: 10, namesFile: "batches.meta.txt" };
const cifar100: Layout = { labelBytes: 2, classes: 100, namesFile: "fine_label_names.txt" };

export interface CifarFiles {
  readonly layout: Layout;
  readonly files: readonly { readonly name: string; readonly split: SplitName }[];
}

/** The binary files of CIFAR-10 or CIFAR-100 among a folder's file names, or undefined. */
export function findCifarFiles(names: readonly string[]): CifarFiles | undefined {
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name)).sort();
  if (batches.length > 0) return { layout: cifar10, files: withTest(batches, "test_batch.bin", names) };
  if (names.includes("train.bin")) return { layout: cifar100, files: withTest(["train.bin"], "test.bin", names) };
  return undefined;
}

function withTest(train: readonly string[], test: string, names: readonly string[]): CifarFiles["files"] {
  const files = train.map((name) => ({ name, split: "train" as SplitName }));
  return names.includes(test) ? [...files, { name: test, split: "val" }] : files;
}

/** CIFAR's binary version: records of one or two label bytes and 3×32×32 bytes of red, green and blue planes. */
export async function cifarSource(directory: string, { layout, files }: CifarFiles): Promise<Source> {
  const root = resolve(directory);
  const signature = [`cifar${layout.classes}`, root];
  let total = 0;
  for (const { name } of files) {
    const { size, mtimeMs } = await stat(join(root, name));
    signature.push(`${name} ${size} ${mtimeMs}`);
    total += Math.floor(size / (layout.labelBytes + PIXEL_BYTES));
  }
  const classes = await classNames(root, layout);
  const divided = files.some(({ split }) => split === "val");
  return {
    name: basename(root),
    location: directory,
    signature: [...signature, ...classes].join("\n"),
    channels: 3,
    classes,
    total,
    skipped: [],
    notes: [],
    contents: async (options) => {
      const whole = files.map(({ name }) => ({ name, path: join(root, name) }));
      return [...classes, await hashFiles(whole, options)].join("\n");
    },
    async *items() {
      for (const { name, split } of files) yield* records(root, name, divided ? split : undefined, layout, classes);
    },
  };
}

async function* records(
  root: string,
  name: string,
  split: SplitName | undefined,
  { labelBytes }: Layout,
  classes: readonly string[],
): AsyncGenerator<SourceItem> {
  const path = join(root, name);
  const bytes = await readWhole(path);
  const record = labelBytes + PIXEL_BYTES;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new RegnetError(
      `corrupt CIFAR file "${path}": ${bytes.length} bytes, expected a multiple of ${record}`,
      "corrupt",
      path,
    );
  }
  for (let i = 0; i * record < bytes.length; i++) {
    const label = bytes[i * record + labelBytes - 1];
    if (label >= classes.length) {
      throw new RegnetError(
        `corrupt CIFAR file "${path}": label ${label} in record ${i}, expected 0 to ${classes.length - 1}`,
        "corrupt",
        path,
      );
    }
    const data = bytes.subarray(i * record + labelBytes, (i + 1) * record);
    const image = { data, channels: 3, height: SIDE, width: SIDE } as const;
    yield {
      name: `${name}#${i}`,
      className: classes[label],
      split,
      load: async (options) => reducePlanes(image, options),
    };
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) throw new RegnetError(`corrupt CIFAR file "${path}": larger than 1 GB`, "corrupt", path);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The names beside the data, or the labels' numbers. */
async function classNames(root: string, { namesFile, classes }: Layout): Promise<readonly string[]> {
  const text = await readFile(join(root, namesFile), "utf8").catch(() => "");
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const whole = names.length === classes && new Set(names).size === classes;
  return whole ? names : Array.from({ length: classes }, (_, label) => String(label));
}
