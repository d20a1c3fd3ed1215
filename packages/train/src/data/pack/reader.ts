import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../image.js";
import { type Columns, corruptPack, type PackIndex, packIndexSchema, readColumns, validateColumns } from "./format.js";
import { mapFile } from "./mapping.js";

/** Names of the files in a pack's folder. */
export const INDEX_FILE = "index.json";
export const COLUMNS_FILE = "columns.bin";
export const NAMES_FILE = "names.json";
export const shardFile = (shard: number): string => `pixels-${String(shard).padStart(4, "0")}.bin`;

/** Decoded images in a folder, with their classes. Pixels are views of memory that all threads and processes share. */
export class Pack {
  private readonly shards: readonly Uint8Array[];

  private constructor(
    readonly directory: string,
    readonly index: PackIndex,
    readonly columns: Columns,
  ) {
    this.shards = index.shards.map((bytes, shard) => new Uint8Array(mapFile(join(directory, shardFile(shard)), bytes)));
  }

  /** @throws RegnetError when the folder is not a whole pack of this version */
  static open(directory: string): Pack {
    const index = readIndex(join(directory, INDEX_FILE));
    const path = join(directory, COLUMNS_FILE);
    const columns = readColumns(readFileSync(path), index.count, path);
    validateColumns(columns, index, path);
    return new Pack(directory, index, columns);
  }

  get count(): number {
    return this.index.count;
  }

  /** The image at a position in 0…count−1, without a copy. */
  image(position: number): Image {
    const { offset, height, width, shard } = this.columns;
    const [h, w, start] = [height[position], width[position], offset[position]];
    const { channels } = this.index;
    return {
      data: this.shards[shard[position]].subarray(start, start + channels * h * w),
      channels,
      height: h,
      width: w,
    };
  }

  /** Path of every image within the source. */
  async names(): Promise<readonly string[]> {
    const path = join(this.directory, NAMES_FILE);
    const names: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!Array.isArray(names) || names.length !== this.count)
      throw corruptPack(path, `it does not hold ${this.count} names`);
    return names.map(String);
  }

  /** Memory to hand to workers where files cannot be mapped: path and content. */
  sharedMemory(): readonly (readonly [string, SharedArrayBuffer])[] {
    return this.shards.flatMap(({ buffer }, shard) =>
      buffer instanceof SharedArrayBuffer ? [[join(this.directory, shardFile(shard)), buffer] as const] : [],
    );
  }
}

function readIndex(path: string): PackIndex {
  const parsed = packIndexSchema.safeParse(parseJson(readFileSync(path, "utf8"), path));
  if (!parsed.success) throw corruptPack(path, "it is not an index of this version");
  return parsed.data;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corruptPack(path, "it is not JSON");
  }
}
