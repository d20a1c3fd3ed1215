import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { RegnetError } from "@regnet/core";
import type { ImageSize, SplitName } from "../dataSet.js";
import type { Image } from "../image.js";
import { allocateColumns, type PackIndex, SHARD_BYTES } from "./format.js";
import { COLUMNS_FILE, INDEX_FILE, NAMES_FILE, shardFile } from "./reader.js";

const SPLIT_CODES: Readonly<Record<SplitName, number>> = { train: 0, val: 1, test: 2 };

interface Row {
  readonly offset: number;
  readonly shard: number;
  readonly height: number;
  readonly width: number;
  readonly original: ImageSize;
  readonly className: string;
  readonly split: SplitName | undefined;
  readonly name: string;
}

const BUFFER_BYTES = 8 * 2 ** 20;
const MAX_SHARDS = 2 ** 16;
const MAX_RECORDED = 2 ** 16 - 1;

/** Writes images one after the other into a new folder. Nothing is complete before `finish`. */
export class PackWriter {
  private readonly rows: Row[] = [];
  private readonly shards: number[] = [];
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private buffered = 0;
  private file: FileHandle | undefined;

  private constructor(private readonly directory: string) {}

  static async create(directory: string): Promise<PackWriter> {
    await mkdir(directory, { recursive: true });
    return new PackWriter(directory);
  }

  async add(image: Image, className: string, split: SplitName | undefined, name: string): Promise<void> {
    const { data, height, width, original = { height, width } } = image;
    if (!this.file || this.shards[this.shards.length - 1] + data.length > SHARD_BYTES) await this.startShard();
    const shard = this.shards.length - 1;
    this.rows.push({ offset: this.shards[shard], shard, height, width, original, className, split, name });
    await this.append(data);
    this.shards[shard] += data.length;
  }

  /** Class names that have at least one image. */
  get classNames(): ReadonlySet<string> {
    return new Set(this.rows.map(({ className }) => className));
  }

  get count(): number {
    return this.rows.length;
  }

  /** Writes index, columns and names; everything is on the disk afterwards. */
  async finish(index: Omit<PackIndex, "count" | "shards" | "divided">): Promise<void> {
    await this.endShard();
    const { columns, bytes } = allocateColumns(this.rows.length);
    const labels = new Map(index.classes.map((name, label) => [name, label]));
    const divided = this.rows.some(({ split }) => split === "val" || split === "test");
    for (const [i, row] of this.rows.entries()) {
      columns.offset[i] = row.offset;
      columns.label[i] = labels.get(row.className) ?? -1;
      columns.height[i] = row.height;
      columns.width[i] = row.width;
      columns.shard[i] = row.shard;
      columns.originalHeight[i] = Math.min(row.original.height, MAX_RECORDED);
      columns.originalWidth[i] = Math.min(row.original.width, MAX_RECORDED);
      columns.split[i] = row.split === undefined ? 0 : SPLIT_CODES[row.split];
    }
    await this.writeFile(COLUMNS_FILE, bytes);
    await this.writeFile(NAMES_FILE, JSON.stringify(this.rows.map(({ name }) => name)));
    const whole: PackIndex = { ...index, count: this.rows.length, divided, shards: this.shards };
    await this.writeFile(INDEX_FILE, JSON.stringify(whole));
  }

  /** Gives up: closes the file. The caller removes the folder. */
  async abandon(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private async startShard(): Promise<void> {
    await this.endShard();
    if (this.shards.length === MAX_SHARDS)
      throw new RegnetError("data set too large: more than 64 TB of pixels", "unsupported");
    this.file = await open(join(this.directory, shardFile(this.shards.length)), "wx");
    this.shards.push(0);
  }

  private async endShard(): Promise<void> {
    if (!this.file) return;
    await this.flush();
    await this.file.sync();
    await this.file.close();
    this.file = undefined;
  }

  private async append(data: Uint8Array): Promise<void> {
    if (this.buffered + data.length > BUFFER_BYTES) await this.flush();
    if (data.length > BUFFER_BYTES) return this.write(data);
    this.buffer.set(data, this.buffered);
    this.buffered += data.length;
  }

  private async flush(): Promise<void> {
    await this.write(this.buffer.subarray(0, this.buffered));
    this.buffered = 0;
  }

  private async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; ) at += (await this.file!.write(data, at)).bytesWritten;
  }

  private async writeFile(name: string, content: Uint8Array | string): Promise<void> {
    const file = await open(join(this.directory, name), "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
