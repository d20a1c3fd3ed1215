import { hostname } from "node:os";
import { join } from "node:path";
import type { EpochMetrics } from "../trainer/options.js";
import { crc32c } from "./crc32c.js";
import { appendDurably, writeAtomically } from "./files.js";

/** The scalars that TensorBoard shows, by their tag. */
const TAGS: readonly (readonly [string, (metrics: EpochMetrics) => number])[] = [
  ["loss/train", ({ loss }) => loss],
  ["loss/val", ({ valLoss }) => valLoss],
  ["top1/train", ({ trainTop1 }) => trainTop1],
  ["top1/val", ({ top1 }) => top1],
  ["top5/val", ({ top5 }) => top5],
  ["learning rate", ({ learningRate }) => learningRate],
  ["images a second", ({ imagesPerSecond }) => imagesPerSecond],
];

/** Writes TensorBoard's event file of a run, whole from the first epoch on, then epoch by epoch. */
export class EventFile {
  readonly path: string;

  /** @param started when the run was begun, in milliseconds; names the file, so that a resumed run goes on in it */
  constructor(
    folder: string,
    private readonly started: number,
  ) {
    this.path = join(folder, `events.out.tfevents.${Math.floor(started / 1000)}.${hostname()}`);
  }

  /** Starts the file anew with these epochs. */
  rewrite(epochs: readonly EpochMetrics[]): void {
    const first = record(event(this.started / 1000, 0, field(3, text("brain.Event:2"))));
    writeAtomically(this.path, Buffer.concat([first, ...epochs.map((metrics) => this.encode(metrics))]));
  }

  append(metrics: EpochMetrics): void {
    appendDurably(this.path, this.encode(metrics));
  }

  private encode(metrics: EpochMetrics): Buffer {
    const values = TAGS.map(([tag, of]) => field(1, Buffer.concat([field(1, text(tag)), float(2, of(metrics))])));
    const summary = field(5, Buffer.concat(values));
    return record(event(this.started / 1000 + metrics.seconds, metrics.epoch, summary));
  }
}

/** `Event`: wall_time = 1 (double), step = 2 (int64), file_version = 3 or summary = 5. */
function event(wallTime: number, step: number, rest: Buffer): Buffer {
  const time = Buffer.alloc(9);
  time[0] = (1 << 3) | 1;
  time.writeDoubleLE(wallTime, 1);
  return Buffer.concat([time, Buffer.from([2 << 3]), varint(step), rest]);
}

/** A TFRecord: length, its masked checksum, the data, its masked checksum. */
function record(data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(data));
  return Buffer.concat([head, data, tail]);
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A length-delimited field. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function float(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (number << 3) | 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(value);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}
