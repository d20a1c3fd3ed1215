import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RegnetError } from "@regnet/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDataSet } from "../open.js";
import { writeClassFolders, writeNoise } from "../testing/folders.js";
import { temporaryFolder } from "../testing/temporary.js";
import { archiveSource } from "./archive.js";
import { readTar } from "./tar.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
const plain = join(folder.path, "photos.tar");
const long = `很长的名字${"x".repeat(120)}`;

beforeAll(async () => {
  const root = join(folder.path, "photos");
  await writeClassFolders(root, { "train/猫": 3, [`train/${long}`]: 2, "val/猫": 1, [`val/${long}`]: 1 });
  writeFileSync(join(root, "README"), "passed over");
  execFileSync("tar", ["cf", plain, "-C", folder.path, "photos"]);
});
afterAll(folder.remove);

it.each([
  ["GNU, gzipped", ["czf", "--format=gnu"], "gnu.tgz"],
  ["pax", ["cf", "--format=pax"], "pax.tar"],
])("opens class folders in a tar archive: %s", async (_, [create, format], name) => {
  const path = join(folder.path, name);
  execFileSync("tar", [format, `-${create}`, path, "-C", folder.path, "photos"]);
  const { classes, splits } = await openDataSet(path, { cacheDirectory });
  expect([...classes].sort()).toEqual([long, "猫"].sort());
  expect([splits.train.count, splits.val.count]).toEqual([5, 2]);
});

it("takes the folder of an image as its class where there is no train/", async () => {
  const path = join(folder.path, "flat.tar");
  execFileSync("tar", ["cf", path, "-C", join(folder.path, "photos", "val"), `./猫`, `./${long}`]);
  const { splits, handle } = await openDataSet(path, { cacheDirectory, valFraction: 0 });
  expect([splits.train.count, handle.split?.fraction]).toEqual([2, 0]);
});

it("knows train/, val/ and test/, as for a folder", async () => {
  const [root, path] = [join(folder.path, "three"), join(folder.path, "three.tar.gz")];
  await writeClassFolders(root, { "test/x": 4, "test/y": 4, "train/x": 2, "train/y": 3, "val/x": 1, "val/y": 1 });
  await writeClassFolders(root, { train: 1 });
  execFileSync("tar", ["czf", path, "-C", root, "."]);
  for (const source of [root, path]) {
    const { splits, classes } = await openDataSet(source, { cacheDirectory });
    expect(classes).toEqual(["x", "y"]);
    expect([splits.train.count, splits.val.count, splits.test.count]).toEqual([5, 2, 8]);
  }
});

it("passes over images beside train/ and val/, as for a folder, and says so", async () => {
  const [root, path] = [join(folder.path, "beside"), join(folder.path, "beside.tar")];
  await writeClassFolders(root, { "train/x": 2, "train/y": 2, "val/x": 1, "val/y": 1, docs: 1, "docs/test": 1 });
  await writeNoise(join(root, "preview.png"), 1);
  await writeNoise(join(root, "train", "loose.png"), 2);
  execFileSync("tar", ["cf", path, "-C", folder.path, "beside"]);
  for (const [source, outside] of Object.entries({ [root]: 2, [path]: 4 })) {
    const { splits, classes, notes } = await openDataSet(source, { cacheDirectory });
    expect(classes).toEqual(["x", "y"]);
    expect([splits.train.count, splits.val.count]).toEqual([4, 2]);
    expect(notes).toEqual([`${outside} images outside the class folders passed over`]);
  }
});

it("takes train for a class like others where images lie right in it, as for a folder", async () => {
  const [root, path] = [join(folder.path, "vehicles"), join(folder.path, "vehicles.tar")];
  await writeClassFolders(root, { bus: 2, car: 2, train: 2 });
  execFileSync("tar", ["cf", path, "-C", root, "."]);
  for (const source of [root, path]) {
    const { splits, classes } = await openDataSet(source, { cacheDirectory, valFraction: 0 });
    expect(classes).toEqual(["bus", "car", "train"]);
    expect([splits.train.count, splits.val.count]).toEqual([6, 0]);
  }
});

it("says that IDX files are to be unpacked first", async () => {
  const [root, path] = [join(folder.path, "mnist"), join(folder.path, "mnist.tar.gz")];
  mkdirSync(root);
  for (const kind of ["images-idx3", "labels-idx1"]) writeFileSync(join(root, `train-${kind}-ubyte.gz`), "packed");
  execFileSync("tar", ["czf", path, "-C", folder.path, "mnist"]);
  await expect(openDataSet(path, { cacheDirectory })).rejects.toThrow(
    `unsupported archive "${path}": IDX files are read from folders only; unpack it and open the folder`,
  );
});

it("refuses what ends early or has a wrong checksum", async () => {
  const bytes = readFileSync(plain);
  const open = (content: Uint8Array) => {
    const path = join(folder.path, "bad.tar");
    writeFileSync(path, content);
    return openDataSet(path, { cacheDirectory });
  };
  await expect(open(bytes.subarray(0, 3000))).rejects.toThrow(/corrupt archive .*ends early/);
  const flipped = Buffer.from(bytes);
  flipped[3] ^= 1;
  await expect(open(flipped)).rejects.toThrow(/checksum is wrong/);
});

it.each(["unreadable.tar", "unreadable.tgz"])("tells a disk that fails from a damaged archive: %s", async (name) => {
  const path = join(folder.path, name);
  mkdirSync(path); // can be opened, but every reading of it fails
  const images = archiveSource(path, { size: 1, mtimeMs: 1 }).items() as AsyncGenerator;
  await expect(images.next()).rejects.toThrow(`cannot read "${path}": illegal operation on a directory; check that`);
});

it("refuses mutated archives with an error of its own", async () => {
  const bytes = readFileSync(plain);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), fc.nat(4096), fc.nat(255), async (length, at, byte) => {
      const mutated = Buffer.from(bytes.subarray(0, length));
      if (at < length) mutated[at] = byte;
      const chunks = (async function* () {
        for (let i = 0; i < mutated.length; i += 1000) yield mutated.subarray(i, i + 1000);
      })();
      try {
        for await (const { content } of readTar(chunks, "x", () => true))
          expect(content.length).toBeLessThan(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(RegnetError);
      }
    }),
    { numRuns: 200 },
  );
});
