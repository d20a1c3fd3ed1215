import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openDataSet } from "./open.js";
import { openHandle } from "./packedDataSet.js";
import { subsetOf } from "./subset.js";

const cacheDirectory = mkdtempSync(join(tmpdir(), "regnet-subset-"));
afterAll(() => rmSync(cacheDirectory, { recursive: true, force: true }));

it("keeps so many images, the smaller subset within the larger, and the statistics of all", async () => {
  const all = await openDataSet("shapes:200", { cacheDirectory, resolution: 32 });
  const few = subsetOf(all, { train: 30, val: 8, seed: 1 });
  const more = subsetOf(all, { train: 60, seed: 1 });
  expect([few.splits.train.count, few.splits.val.count]).toEqual([30, 8]);
  expect(more.splits.val.count).toBe(all.splits.val.count);
  const positions = (set: typeof few) =>
    Array.from({ length: set.splits.train.count }, (_, i) => set.splits.train.position(i));
  expect(positions(more)).toEqual(expect.arrayContaining(positions(few)));
  expect(positions(few)).toEqual(positions(few).sort((a, b) => a - b));
  expect(few.statistics).toEqual(all.statistics);
  expect(new Set([all, few, more].map((set) => set.fingerprint)).size).toBe(3);
  expect(positions(openHandle(JSON.parse(JSON.stringify(few.handle))))).toEqual(positions(few));
  expect(positions(subsetOf(all, { train: 30, seed: 2 }))).not.toEqual(positions(few));
});

it("refuses counts that are none", async () => {
  const all = await openDataSet("shapes:200", { cacheDirectory, resolution: 32 });
  expect(() => subsetOf(all, { train: 0 })).toThrow("invalid subset.train: got 0, expected a positive number");
});
