import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DataSet } from "./dataSet.js";
import type { Image } from "./image.js";
import { openDataSet } from "./open.js";
import { assertTrainable } from "./packedDataSet.js";
import { writeClassFolders, writeHostileFolder } from "./testing/folders.js";
import { temporaryFolder } from "./testing/temporary.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
let dataSet: DataSet;
let images: Map<string, Image>;

beforeAll(async () => {
  const root = join(folder.path, "hostile");
  await writeHostileFolder(root);
  dataSet = await openDataSet(root, { cacheDirectory, valFraction: 0 });
  const { train } = dataSet.splits;
  const names = await dataSet.names("train");
  images = new Map(names.map((name, i) => [name, train.image(i)]));
});
afterAll(folder.remove);

function average({ data, channels }: Image): number[] {
  const area = data.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    const plane = data.subarray(c * area, (c + 1) * area);
    return Math.round(plane.reduce((sum, value) => sum + value, 0) / area);
  });
}

it("keeps what can be read and leaves the empty class out", () => {
  expect(dataSet.classes).toEqual(["狗", "猫"]);
  expect(dataSet.splits.train.classCounts).toEqual([8, 5]);
  expect([...images.keys()]).toContain("猫/照片 一.jpg");
});

it("lists what cannot be read with its path and the reason", () => {
  const reasons = Object.fromEntries(dataSet.skipped.map(({ path, reason }) => [path, reason]));
  expect(Object.keys(reasons).sort()).toEqual(["狗/floats.tiff", "猫/nothing.png", "猫/text.png", "猫/truncated.jpg"]);
  expect(reasons["猫/text.png"]).toBe("not an image that can be read: text");
  expect(reasons["猫/nothing.png"]).toBe("not an image that can be read: empty file");
  expect(reasons["狗/floats.tiff"]).toBe("TIFF with pixels of type float; 8 and 16 bits are read");
  expect(reasons["猫/truncated.jpg"]).toMatch(/^damaged JPEG: /);
});

it("notes the empty class, the other files and the images outside the classes", () => {
  expect(dataSet.notes).toEqual([
    "1 file without an image's extension passed over",
    "1 image outside the class folders passed over",
    'class folder "empty" holds no readable image: left out',
  ]);
});

it("turns CMYK into RGB", () => {
  const [red, green, blue] = average(images.get("狗/cmyk.jpg")!);
  expect(red).toBeGreaterThan(150);
  expect(green).toBeLessThan(110);
  expect(blue).toBeLessThan(90);
});

it("scales 16 bits to 8, in three equal channels", () => {
  const { data, channels, width } = images.get("狗/grey16.png")!;
  expect(channels).toBe(3);
  expect([data[0], data[width - 1]]).toEqual([0x40, 0xc0]);
  expect(data.subarray(0, 256)).toEqual(data.subarray(512, 768));
});

it("takes an animation's first frame", () => {
  const image = images.get("狗/animated.gif")!;
  expect([image.height, image.width]).toEqual([10, 20]);
  const [red, green, blue] = average(image);
  expect([red > 240, green < 15, blue < 15]).toEqual([true, true, true]);
});

it("keeps the middle of an image that is far too wide", () => {
  const image = images.get("狗/wide.png")!;
  expect([image.height, image.width]).toEqual([40, 80]);
  expect(average(image)).toEqual([255, 255, 255]);
  expect(dataSet.originalSizes).toEqual({
    smallest: { height: 8, width: 8 },
    median: { height: 8, width: 8 },
    largest: { height: 40, width: 20_000 },
  });
});

it("says that one class alone cannot be trained", async () => {
  const root = join(folder.path, "single");
  await writeClassFolders(root, { only: 3 });
  const single = await openDataSet(root, { cacheDirectory });
  expect(single.notes).toContain('one class only ("only"): there is nothing to tell apart');
  expect(() => assertTrainable(single)).toThrow(/one class only \("only"\), expected two or more/);
});

it("says what a folder without images holds instead, and the remedy", async () => {
  const root = join(folder.path, "none");
  await writeClassFolders(root, { a: 0, b: 0 });
  await expect(openDataSet(root, { cacheDirectory })).rejects.toThrow(/2 folders without images; put the images/);
  writeFileSync(join(root, "a", "notes.txt"), "hello");
  await expect(openDataSet(root, { cacheDirectory })).rejects.toThrow(/2 folders without images \(1 other files\)/);
});

it("says why, where no image of a folder can be read", async () => {
  const root = join(folder.path, "broken");
  await writeClassFolders(root, { a: 0, b: 0 });
  writeFileSync(join(root, "a", "x.png"), "hello");
  await expect(openDataSet(root, { cacheDirectory })).rejects.toThrow(
    /no readable image \(1 skipped; a\/x\.png: not an image that can be read: text\)/,
  );
});
