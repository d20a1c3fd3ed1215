import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openDataSet } from "../open.js";
import { temporaryFolder } from "../testing/temporary.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
afterAll(folder.remove);

const names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/** Records whose pixels all have the label's value ten times over. */
function records(labels: readonly number[], coarse?: number): Uint8Array {
  return Buffer.concat(
    labels.map((label) => {
      const pixels = Buffer.alloc(3072, 10 * label);
      return Buffer.concat([Buffer.from(coarse === undefined ? [label] : [coarse, label]), pixels]);
    }),
  );
}

function writeCifar10(root: string): void {
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "data_batch_1.bin"), records([3, 1]));
  writeFileSync(join(root, "data_batch_2.bin"), records([9]));
  writeFileSync(join(root, "test_batch.bin"), records([0, 4]));
  writeFileSync(join(root, "batches.meta.txt"), `${names.join("\n")}\n\n`);
}

it("opens CIFAR-10's binary files, in their folder or the one above", async () => {
  const root = join(folder.path, "ten", "cifar-10-batches-bin");
  writeCifar10(root);
  for (const place of [root, join(folder.path, "ten")]) {
    const { classes, splits } = await openDataSet(place, { cacheDirectory });
    expect(classes).toEqual(names);
    expect([...splits.train.labels, ...splits.val.labels]).toEqual([3, 1, 9, 0, 4]);
    expect(splits.train.image(2)).toEqual({ data: new Uint8Array(3072).fill(90), channels: 3, height: 32, width: 32 });
  }
});

it("opens the same in its archive, whatever the order within", async () => {
  const place = join(folder.path, "archived");
  writeCifar10(join(place, "cifar-10-batches-bin"));
  const files = ["test_batch.bin", "data_batch_2.bin", "batches.meta.txt", "data_batch_1.bin"];
  const archive = join(place, "cifar-10-binary.tar.gz");
  execFileSync("tar", ["czf", archive, "-C", place, ...files.map((name) => `cifar-10-batches-bin/${name}`)]);
  execFileSync("rm", ["-r", join(place, "cifar-10-batches-bin")]);
  for (const source of [archive, place]) {
    const { classes, splits } = await openDataSet(source, { cacheDirectory });
    expect(classes).toEqual(names);
    expect([...splits.train.labels, ...splits.val.labels]).toEqual([3, 1, 9, 0, 4]);
  }
});

it("opens CIFAR-100 by its fine labels", async () => {
  const root = join(folder.path, "hundred");
  mkdirSync(root);
  writeFileSync(join(root, "train.bin"), records([99, 5], 7));
  writeFileSync(join(root, "test.bin"), records([5], 7));
  const { classes, splits } = await openDataSet(root, { cacheDirectory });
  expect([classes.length, classes[99]]).toEqual([100, "99"]);
  expect([...splits.train.labels]).toEqual([99, 5]);
});

it("holds images out where the test batch is not there", async () => {
  const root = join(folder.path, "alone");
  mkdirSync(root);
  writeFileSync(join(root, "data_batch_1.bin"), records([1, 1, 1, 1, 2, 2, 2, 2]));
  const { splits } = await openDataSet(root, { cacheDirectory, valFraction: 0.25 });
  expect([splits.train.count, splits.val.count]).toEqual([6, 2]);
});

it("refuses half records and labels out of range", async () => {
  const root = join(folder.path, "bad");
  mkdirSync(root);
  const file = join(root, "data_batch_1.bin");
  writeFileSync(file, records([1]).subarray(0, 3000));
  await expect(openDataSet(root, { cacheDirectory })).rejects.toThrow(/3000 bytes, expected a multiple of 3073/);
  writeFileSync(file, records([1, 77]));
  await expect(openDataSet(root, { cacheDirectory })).rejects.toThrow(/label 77 in record 1, expected 0 to 9/);
});
