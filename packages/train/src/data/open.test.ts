import { cpSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildProgress, DataSet } from "./dataSet.js";
import { namedDataSets, openDataSet } from "./open.js";
import { openHandle } from "./packedDataSet.js";
import { writeClassFolders, writeNoise } from "./testing/folders.js";
import { temporaryFolder } from "./testing/temporary.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
const flat = join(folder.path, "flat");
beforeAll(() => writeClassFolders(flat, { a10: 10, a2: 20, b: 3 }));
afterAll(folder.remove);

async function phasesOf(source: string, cache = cacheDirectory): Promise<{ phases: string[]; dataSet: DataSet }> {
  const seen: BuildProgress[] = [];
  const dataSet = await openDataSet(source, { cacheDirectory: cache, onProgress: (progress) => seen.push(progress) });
  return { phases: [...new Set(seen.map(({ phase }) => phase))], dataSet };
}

describe("class folders without val", () => {
  it("divide every class by the fraction, in natural order of the names", async () => {
    const { classes, splits } = await openDataSet(flat, { cacheDirectory, valFraction: 0.3 });
    expect(classes).toEqual(["a2", "a10", "b"]);
    expect(splits.val.classCounts).toEqual([6, 3, 1]);
    expect(splits.train.classCounts).toEqual([14, 7, 2]);
  });

  it("divide alike for one seed and differently for another, without an image in both", async () => {
    const val = async (seed: number) => (await openDataSet(flat, { cacheDirectory, seed })).names("val");
    expect(await val(1)).toEqual(await val(1));
    expect(await val(1)).not.toEqual(await val(2));
    const dataSet = await openDataSet(flat, { cacheDirectory, seed: 1 });
    const both = [...(await dataSet.names("train")), ...(await dataSet.names("val"))];
    expect(new Set(both).size).toBe(33);
  });

  it("hold nothing out when the fraction is 0", async () => {
    const { splits } = await openDataSet(flat, { cacheDirectory, valFraction: 0 });
    expect([splits.train.count, splits.val.count]).toEqual([33, 0]);
  });
});

it.each(["val", "valid", "Validation", "test"])("takes %s/ for what is held out", async (val) => {
  const root = join(folder.path, `divided-${val}`);
  await writeClassFolders(root, { "train/x": 4, "train/y": 5, [`${val}/x`]: 2, [`${val}/y`]: 1 });
  const { classes, splits, handle } = await openDataSet(root, { cacheDirectory });
  expect(classes).toEqual(["x", "y"]);
  expect([splits.train.classCounts, splits.val.classCounts]).toEqual([
    [4, 5],
    [2, 1],
  ]);
  expect(handle.split).toBeUndefined();
});

describe("images held out", () => {
  const counts = async (source: string) => {
    const { splits } = await openDataSet(source, { cacheDirectory, holdOut: true });
    return [splits.train.count, splits.val.count, splits.test.count];
  };

  it("are the test folder's; choices are made on val, or on a tenth of the training images", async () => {
    const [three, two] = [join(folder.path, "three"), join(folder.path, "two")];
    await writeClassFolders(three, { "train/x": 4, "train/y": 5, "val/x": 2, "val/y": 1, "test/x": 3, "test/y": 3 });
    expect(await counts(three)).toEqual([9, 3, 6]);
    await writeClassFolders(two, { "train/x": 30, "train/y": 50, "test/x": 3, "test/y": 3 });
    expect(await counts(two)).toEqual([72, 8, 6]);
    const { splits } = await openDataSet(two, { cacheDirectory });
    expect([splits.train.count, splits.val.count, splits.test.count]).toEqual([80, 6, 0]);
  });

  it("are half of val where there is nothing else, of every class, without an image in both", async () => {
    const root = join(folder.path, "halves");
    await writeClassFolders(root, { "train/x": 4, "train/y": 5, "val/x": 30, "val/y": 20 });
    const dataSet = await openDataSet(root, { cacheDirectory, holdOut: true });
    const { val, test } = dataSet.splits;
    expect([val.classCounts, test.classCounts]).toEqual([
      [15, 10],
      [15, 10],
    ]);
    expect(new Set([...(await dataSet.names("val")), ...(await dataSet.names("test"))]).size).toBe(50);
    const plain = await openDataSet(root, { cacheDirectory });
    expect(plain.fingerprint).not.toBe(dataSet.fingerprint);
    expect(openHandle(dataSet.handle).fingerprint).toBe(dataSet.fingerprint);
  });

  it("are none where too few would be left to choose on", async () => {
    expect(await counts(flat)).toEqual([26, 7, 0]);
  });
});

it("notes a class that only one of train/ and val/ has", async () => {
  const root = join(folder.path, "uneven");
  await writeClassFolders(root, { "train/x": 2, "train/y": 2, "val/x": 1, "val/z": 1 });
  const { notes } = await openDataSet(root, { cacheDirectory });
  expect(notes).toEqual(['class "y" has no val image', 'class "z" has no training image']);
});

describe("the cache", () => {
  it("decodes once, knows copies by their content and what was touched, and sees changes", async () => {
    const cache = join(folder.path, "cache2");
    const root = join(folder.path, "once");
    await writeClassFolders(root, { a: 3, b: 3 });
    const first = await phasesOf(root, cache);
    expect(first.phases).toEqual(["check", "decode"]);
    expect((await phasesOf(root, cache)).phases).toEqual([]);

    utimesSync(join(root, "a", "0.png"), 1e9, 1e9);
    expect((await phasesOf(root, cache)).phases).toEqual(["check"]);

    cpSync(root, join(folder.path, "copy"), { recursive: true });
    const copy = await phasesOf(join(folder.path, "copy"), cache);
    expect([copy.phases, copy.dataSet.name]).toEqual([["check"], "copy"]);
    expect(copy.dataSet.fingerprint).toBe(first.dataSet.fingerprint);

    await writeNoise(join(root, "a", "0.png"), 99);
    const changed = await phasesOf(root, cache);
    expect(changed.phases).toEqual(["check", "decode"]);
    expect(changed.dataSet.fingerprint).not.toBe(first.dataSet.fingerprint);
    expect(readdirSync(join(cache, "packs"))).toHaveLength(2);
  });

  it("keeps one copy a size, never enlarging", async () => {
    const root = join(folder.path, "sizes");
    await writeNoise(join(root, "a", "large.png"), 1, 60, 100);
    await writeNoise(join(root, "b", "small.png"), 2, 10, 12);
    const at = async (resolution: number) => (await openDataSet(root, { cacheDirectory, resolution })).sizes;
    expect(await at(224)).toEqual({ smallest: { height: 10, width: 12 }, largest: { height: 60, width: 100 } });
    expect((await at(28)).largest).toEqual({ height: 32, width: 53 });
    const stretched = await openDataSet(root, { cacheDirectory, resolution: 28, fit: "stretch" });
    expect(stretched.sizes.smallest).toEqual({ height: 32, width: 32 });
  });

  it("names the folder to delete when it is damaged", async () => {
    const cache = join(folder.path, "cache3");
    const { handle } = await openDataSet(flat, { cacheDirectory: cache });
    writeFileSync(join(handle.pack, "columns.bin"), "short");
    await expect(openDataSet(flat, { cacheDirectory: cache })).rejects.toThrow(
      /corrupt image cache .*delete its folder/,
    );
    renameSync(handle.pack, `${handle.pack}.away`);
    expect(() => openHandle(handle)).toThrow(/missing image cache .*open the data set again/);
  });

  it("stops on an abort and leaves nothing behind", async () => {
    const cache = join(folder.path, "cache4");
    const abort = new AbortController();
    const onProgress = ({ phase }: BuildProgress) => phase === "decode" && abort.abort();
    await expect(openDataSet(flat, { cacheDirectory: cache, signal: abort.signal, onProgress })).rejects.toThrow(
      /abort/i,
    );
    expect(readdirSync(join(cache, "packs"))).toEqual([]);
  });
});

describe("names", () => {
  it("shapes are drawn from the seed, balanced", async () => {
    const open = (seed: number) => openDataSet("shapes:100", { cacheDirectory, seed });
    const [one, again, other] = [await open(1), await open(1), await open(2)];
    expect(one.splits.train.classCounts).toEqual(Array.from({ length: 10 }, () => 10));
    expect([one.splits.val.count, one.channels, one.sizes.largest]).toEqual([20, 3, { height: 32, width: 32 }]);
    expect(one.splits.train.image(7).data).toEqual(again.splits.train.image(7).data);
    expect(one.splits.train.image(7).data).not.toEqual(other.splits.train.image(7).data);
  });

  it("fashion-mnist is 60,000 and 10,000 grey images with the published mean and deviation", async () => {
    const { classes, channels, splits, statistics } = await openDataSet("fashion-mnist", { cacheDirectory });
    expect([splits.train.count, splits.val.count, channels, classes.length]).toEqual([60_000, 10_000, 1, 10]);
    expect(splits.train.classCounts).toEqual(Array.from({ length: 10 }, () => 6000));
    expect(classes[splits.train.labels[0]]).toBe("Ankle boot");
    expect(statistics.mean[0]).toBeCloseTo(0.286, 2);
    expect(statistics.std[0]).toBeCloseTo(0.353, 2);
  });

  it("are suggested where one is misspelt", async () => {
    await expect(openDataSet("fashion_mnsit")).rejects.toThrow(/did you mean "fashion-mnist"\?/);
    await expect(openDataSet("/no/such/folder")).rejects.toThrow(/no such file or folder; expected a folder/);
    expect(namedDataSets.map(({ name }) => name)).toEqual(["fashion-mnist", "shapes"]);
  });
});

it.each([
  [{ resolution: 0 }, /invalid resolution: got 0, expected a whole number of pixels from 1 to 4096/],
  [{ cacheResolution: 1.5 }, /invalid cacheResolution/],
  [{ valFraction: 1 }, /invalid valFraction: got 1/],
  [{ seed: 0.5 }, /invalid seed/],
])("refuses %o", async (options, message) => {
  await expect(openDataSet("shapes:10", { cacheDirectory, ...options })).rejects.toThrow(message);
});

it("refuses a file that is no archive, and CIFAR's pickles", async () => {
  const file = join(folder.path, "file.zip");
  writeFileSync(file, "x");
  await expect(openDataSet(file, { cacheDirectory })).rejects.toThrow(/expected a folder, a \.tar/);
  const pickled = join(folder.path, "pickled");
  mkdirSync(join(pickled, "cifar-10-batches-py"), { recursive: true });
  writeFileSync(join(pickled, "cifar-10-batches-py", "data_batch_1"), "x");
  await expect(openDataSet(pickled, { cacheDirectory })).rejects.toThrow(/pickles could run code/);
});

it("says what an image index may be", async () => {
  const { splits } = await openDataSet(flat, { cacheDirectory });
  expect(() => splits.val.image(99)).toThrow(/invalid image index: got 99, expected 0 to 6 of val/);
});
