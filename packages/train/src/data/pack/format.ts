import { RegnetError } from "@regnet/core";
import * as z from "zod";

/** Raised whenever what is stored, or how it is derived from a source, changes. Part of every key. */
export const PACK_VERSION = 3;

/** A shard is one memory mapping; well below the 4 GB that a view can span. */
export const SHARD_BYTES = 2 ** 30;

const skippedSchema = z.object({ path: z.string(), reason: z.string() });

/** `index.json` of a pack. */
export const packIndexSchema = z.object({
  version: z.literal(PACK_VERSION),
  key: z.string(),
  name: z.string(),
  classes: z.array(z.string()),
  channels: z.union([z.literal(1), z.literal(3)]),
  count: z
    .int()
    .min(0)
    .max(2 ** 31),
  /** Whether the source itself says what is `train` and what is not. */
  divided: z.boolean(),
  /** Bytes of each shard. */
  shards: z.array(z.int().min(0).max(SHARD_BYTES)),
  skipped: z.array(skippedSchema),
  notes: z.array(z.string()),
});

export type PackIndex = z.infer<typeof packIndexSchema>;

/** One row an image, by column. */
export interface Columns {
  /** Byte offset within the shard. */
  readonly offset: Uint32Array;
  readonly label: Int32Array;
  readonly height: Uint16Array;
  readonly width: Uint16Array;
  readonly shard: Uint16Array;
  /** Size before it was reduced, at most 65,535. */
  readonly originalHeight: Uint16Array;
  readonly originalWidth: Uint16Array;
  /** 0: train, 1: val, 2: test; 0 throughout where the source is not divided. */
  readonly split: Uint8Array;
}

const BYTES_PER_ROW = 4 + 4 + 2 + 2 + 2 + 2 + 2 + 1;

/** Empty columns for `count` images, over one buffer that is the file's content. */
export function allocateColumns(count: number): { readonly columns: Columns; readonly bytes: Uint8Array } {
  const buffer = new ArrayBuffer(count * BYTES_PER_ROW);
  return { columns: viewColumns(buffer, count), bytes: new Uint8Array(buffer) };
}

/** The columns in a file's content. @throws RegnetError when its size is not that of `count` rows */
export function readColumns(bytes: Uint8Array, count: number, path: string): Columns {
  if (bytes.byteLength !== count * BYTES_PER_ROW) throw corruptPack(path, `it does not hold ${count} rows`);
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  return viewColumns(buffer, count);
}

function viewColumns(buffer: ArrayBuffer, count: number): Columns {
  return {
    offset: new Uint32Array(buffer, 0, count),
    label: new Int32Array(buffer, 4 * count, count),
    height: new Uint16Array(buffer, 8 * count, count),
    width: new Uint16Array(buffer, 10 * count, count),
    shard: new Uint16Array(buffer, 12 * count, count),
    originalHeight: new Uint16Array(buffer, 14 * count, count),
    originalWidth: new Uint16Array(buffer, 16 * count, count),
    split: new Uint8Array(buffer, 18 * count, count),
  };
}

/** @throws RegnetError when a row points outside its shard or names no class */
export function validateColumns(columns: Columns, index: PackIndex, path: string): void {
  for (let i = 0; i < index.count; i++) {
    const end = columns.offset[i] + columns.height[i] * columns.width[i] * index.channels;
    const inside = columns.shard[i] < index.shards.length && end <= index.shards[columns.shard[i]];
    const classed = columns.label[i] >= 0 && columns.label[i] < index.classes.length;
    if (!inside || !classed || columns.split[i] > 2) throw corruptPack(path, `row ${i} points outside the data`);
  }
}

export function corruptPack(path: string, reason: string): RegnetError {
  return new RegnetError(
    `corrupt image cache "${path}": ${reason}; delete its folder, it will be made anew`,
    "corrupt",
    path,
  );
}
