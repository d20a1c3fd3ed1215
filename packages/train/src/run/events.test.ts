import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../data/testing/temporary.js";
import type { EpochMetrics } from "../trainer/options.js";
import { crc32c } from "./crc32c.js";
import { EventFile } from "./events.js";

const metrics = (epoch: number): EpochMetrics => ({
  ...{ epoch, step: 10 * epoch, loss: 0.5, trainTop1: 0.6, error: 0.25, top1: 0.75, top5: 1, valLoss: 0.7 },
  ...{ learningRate: 0.1, imagesPerSecond: 100, seconds: 3 * epoch, waited: 0, evaluation: 1 },
});

describe("EventFile", () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);

  it("checks with CRC-32C", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  it("frames events as TFRecords whose checksums hold, the version first, then an event an epoch", () => {
    const file = new EventFile(folder.path, 1_700_000_000_000);
    file.rewrite([metrics(1)]);
    file.append(metrics(2));
    const records = recordsOf(readFileSync(file.path));
    expect(file.path).toMatch(/events\.out\.tfevents\.1700000000\./);
    expect(records).toHaveLength(3);
    expect(records[0].toString("latin1")).toContain("brain.Event:2");
    expect(records.map((record) => record.readDoubleLE(1))).toEqual([1_700_000_000, 1_700_000_003, 1_700_000_006]);
    expect(records.map((record) => record[10])).toEqual([0, 1, 2]);
    const top1 = records[2].indexOf("top1/val") + "top1/val".length;
    expect(records[2][top1]).toBe((2 << 3) | 5);
    expect(records[2].readFloatLE(top1 + 1)).toBe(0.75);
  });
});

function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 8)).toBe(masked(file.subarray(at, at + 8)));
    expect(file.readUInt32LE(at + 12 + length)).toBe(masked(data));
    records.push(data);
    at += length + 16;
  }
  return records;
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
