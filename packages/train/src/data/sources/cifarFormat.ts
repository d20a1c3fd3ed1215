import { RegnetError } from "@regnet/core";
import type { SplitName } from "../dataSet.js";
import { reducePlanes } from "../reduce.js";
import type { SourceItem } from "./source.js";

const SIDE = 32;
const PIXEL_BYTES = 3 * SIDE * SIDE;

/** One of CIFAR's two layouts: bytes before the pixels, of which the last is the class, and where the names are. */
export interface CifarLayout {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  readonly namesFile: string;
}

export interface CifarFile {
  readonly name: string;
  readonly split: SplitName | undefined;
}

/** The files of CIFAR-10 or CIFAR-100 in the order of their images. */
export interface CifarFiles {
  readonly layout: CifarLayout;
  readonly files: readonly CifarFile[];
}

const cifar10: CifarLayout = { labelBytes: 1, classes: 10, namesFile: "batches.meta.txt" };
const cifar100: CifarLayout = { labelBytes: 2, classes: 100, namesFile: "fine_label_names.txt" };

/** Whether a file's name is one of those that CIFAR's binary versions have. */
export function isCifarFile(name: string): boolean {
  return /^(?:data_batch_\d+\.bin|test_batch\.bin|train\.bin|test\.bin|batches\.meta\.txt|fine_label_names\.txt)$/.test(
    name,
  );
}

/** The binary files of CIFAR-10 or CIFAR-100 among file names, or undefined. */
export function findCifarFiles(names: readonly string[]): CifarFiles | undefined {
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name)).sort();
  if (batches.length > 0) return { layout: cifar10, files: withTest(batches, "test_batch.bin", names) };
  if (names.includes("train.bin")) return { layout: cifar100, files: withTest(["train.bin"], "test.bin", names) };
  return undefined;
}

function withTest(train: readonly string[], test: string, names: readonly string[]): CifarFile[] {
  if (!names.includes(test)) return train.map((name) => ({ name, split: undefined }));
  return [...train.map((name) => ({ name, split: "train" as const })), { name: test, split: "test" }];
}

/** Images in a file of so many bytes. */
export function cifarCount(bytes: number, { labelBytes }: CifarLayout): number {
  return Math.floor(bytes / (labelBytes + PIXEL_BYTES));
}

/** The names in a names file's text, or, where it does not hold them, the labels' numbers. */
export function cifarClasses(text: string, { classes }: CifarLayout): readonly string[] {
  const names = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const whole = names.length === classes && new Set(names).size === classes;
  return whole ? names : Array.from({ length: classes }, (_, label) => String(label));
}

/**
 * The records of a file: one or two label bytes, then 3×32×32 bytes of red, green and blue planes.
 * @throws RegnetError when the bytes are not whole records or a label is out of range
 */
export function* cifarRecords(
  bytes: Uint8Array,
  { name, split }: CifarFile,
  { labelBytes }: CifarLayout,
  classes: readonly string[],
): Generator<SourceItem> {
  const record = labelBytes + PIXEL_BYTES;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw corruptCifar(name, `${bytes.length} bytes, expected a multiple of ${record}`);
  }
  for (let i = 0; i * record < bytes.length; i++) {
    const label = bytes[i * record + labelBytes - 1];
    if (label >= classes.length) {
      throw corruptCifar(name, `label ${label} in record ${i}, expected 0 to ${classes.length - 1}`);
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

export function corruptCifar(path: string, reason: string): RegnetError {
  return new RegnetError(`corrupt CIFAR file "${path}": ${reason}`, "corrupt", path);
}
