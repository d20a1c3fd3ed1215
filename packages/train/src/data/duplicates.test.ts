import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, expect, it } from "vitest";
import { contactSheet } from "./contactSheet.js";
import { findDuplicates } from "./duplicates.js";
import { openDataSet } from "./open.js";
import { Random } from "./random.js";
import { writeNoise } from "./testing/folders.js";
import { temporaryFolder } from "./testing/temporary.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
afterAll(folder.remove);

/** A picture of soft blobs, which survives compression and scaling. */
function blobs(seed: number) {
  const random = new Random(seed);
  const cells = Uint8Array.from({ length: 3 * 25 }, () => random.integer(256));
  return sharp(cells, { raw: { width: 5, height: 5, channels: 3 } }).resize(96, 96);
}

async function put(root: string, name: string, picture: Sharp): Promise<void> {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  await picture.toFile(join(root, name));
}

it("finds equal pixels and the same picture stored another way, and where they are", async () => {
  const root = join(folder.path, "photos");
  for (let seed = 0; seed < 6; seed++) await put(root, `train/a/${seed}.png`, blobs(seed));
  for (let seed = 6; seed < 9; seed++) await put(root, `val/b/${seed}.png`, blobs(seed));
  await put(root, "val/a/copy.png", blobs(2));
  await put(root, "train/b/recompressed.jpg", blobs(7).jpeg({ quality: 60 }));
  await put(root, "train/b/smaller.png", sharp(await blobs(4).png().toBuffer()).resize(64, 64));
  const dataSet = await openDataSet(root, { cacheDirectory });
  const names = { train: await dataSet.names("train"), val: await dataSet.names("val"), test: [] };
  const found = findDuplicates(dataSet).map(({ places, ...rest }) => ({
    ...rest,
    names: places.map(({ split, index }) => names[split][index]),
  }));
  const across = { acrossSplits: true, acrossClasses: false };
  expect(found).toEqual([
    { kind: "same", ...across, names: ["train/a/2.png", "val/a/copy.png"] },
    { kind: "alike", acrossSplits: false, acrossClasses: true, names: ["train/a/4.png", "train/b/smaller.png"] },
    { kind: "alike", ...across, names: ["train/b/recompressed.jpg", "val/b/7.png"] },
  ]);
});

it("takes even images for nothing alike, and shapes for all different", async () => {
  const root = join(folder.path, "even");
  for (const [i, background] of ["#101010", "#111111", "#121212"].entries()) {
    await put(root, `a/${i}.png`, sharp({ create: { width: 20, height: 20, channels: 3, background } }));
  }
  expect(findDuplicates(await openDataSet(root, { cacheDirectory }))).toEqual([]);
  expect(findDuplicates(await openDataSet("shapes:300", { cacheDirectory }))).toEqual([]);
});

it("draws a contact sheet: a row a class, train apart from val, any name", async () => {
  const root = join(folder.path, "sheet");
  await writeNoise(join(root, "train", `<&"'>\u0001猫`, "0.png"), 1);
  await writeNoise(join(root, "train", "b", "0.png"), 2, 100, 30);
  await writeNoise(join(root, "val", "b", "1.png"), 3);
  const dataSet = await openDataSet(root, { cacheDirectory });
  const png = await contactSheet(dataSet, { train: 2, val: 1, cell: 40 });
  const { width, height, format } = await sharp(png).metadata();
  expect([format, width, height]).toEqual(["png", 168 + 2 * 44 + 12 + 44, 28 + 2 * 44]);
  const first = await sharp(png).extract({ left: 168, top: 28, width: 5, height: 5 }).raw().toBuffer();
  const { data } = dataSet.splits.train.image(0);
  expect([...first.subarray(0, 3)]).toEqual([data[0], data[64], data[128]]);
});
