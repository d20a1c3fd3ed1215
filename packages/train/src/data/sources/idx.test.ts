import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { RegnetError } from "@regnet/core";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { openDataSet } from "../open.js";
import { temporaryFolder } from "../testing/temporary.js";
import { parseIdx, readIdx } from "./idx.js";

const folder = temporaryFolder();
afterAll(folder.remove);

function idx(shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((extent, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, extent);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const arrays = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
  .map((shape) => ({ shape, data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 7 * i) }));

it("reads back what was written, packed or not", async () => {
  await fc.assert(
    fc.asyncProperty(arrays, fc.boolean(), async ({ shape, data }, packed) => {
      const path = join(folder.path, "array");
      writeFileSync(path, packed ? gzipSync(idx(shape, data)) : idx(shape, data));
      const read = await readIdx(path);
      expect(read.shape).toEqual(shape);
      expect(Buffer.from(read.data)).toEqual(Buffer.from(data));
    }),
    { numRuns: 60 },
  );
});

it("refuses mutilated files with an error of its own, and never believes them", () => {
  const whole = idx([3, 4, 4], new Uint8Array(48));
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(15), fc.nat(255), (length, at, byte) => {
      const bytes = whole.slice(0, length);
      if (at < bytes.length) bytes[at] = byte;
      try {
        const { shape, data } = parseIdx(bytes, "x");
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        expect(error).toBeInstanceOf(RegnetError);
      }
    }),
  );
});

it.each([
  ["a header of 4 billion images", idx([0xffffffff, 28, 28], []), /more than 2 GB/],
  ["less than the header says", idx([2, 2], [1]), /its header says 2×2 bytes of data, it holds 1/],
  ["more than the header says", idx([2], [1, 2, 3]), /it holds 3/],
  ["another type", Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), /type 13, expected 8/],
  ["text", new TextEncoder().encode("hello world"), /does not start with two zero bytes/],
  ["nothing", new Uint8Array(0), /short of a header/],
])("refuses %s, packed or not", async (_, bytes, message) => {
  expect(() => parseIdx(bytes, "x")).toThrow(message);
  const path = join(folder.path, "bad.gz");
  writeFileSync(path, gzipSync(bytes));
  await expect(readIdx(path)).rejects.toThrow(RegnetError);
});

it("unpacks no more of a gzip bomb than its header says", async () => {
  const path = join(folder.path, "bomb.gz");
  writeFileSync(path, gzipSync(Buffer.concat([idx([1], []), Buffer.alloc(5e6)])));
  await expect(readIdx(path)).rejects.toThrow(/holds more than its header says/);
});

it("opens the four files of the MNIST family", async () => {
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder.path, name), bytes);
  put("train-images-idx3-ubyte", idx([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
  put("train-labels-idx1-ubyte.gz", gzipSync(idx([3], [10, 2, 10])));
  put("t10k-images-idx3-ubyte.gz", gzipSync(idx([1, 2, 2], [9, 9, 9, 9])));
  put("t10k-labels-idx1-ubyte", idx([1], [2]));
  const dataSet = await openDataSet(folder.path, { cacheDirectory: join(folder.path, "cache") });
  expect(dataSet.classes).toEqual(["2", "10"]);
  expect([...dataSet.splits.train.labels]).toEqual([1, 0, 1]);
  expect([...dataSet.splits.train.image(1).data]).toEqual([5, 6, 7, 8]);
  expect([...dataSet.splits.val.image(0).data]).toEqual([9, 9, 9, 9]);
  const colour = await openDataSet(folder.path, { cacheDirectory: join(folder.path, "cache"), channels: 3 });
  expect([...colour.splits.train.image(0).data]).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);

  put("t10k-labels-idx1-ubyte", idx([2], [2, 2]));
  const other = { cacheDirectory: join(folder.path, "cache") };
  await expect(openDataSet(folder.path, other)).rejects.toThrow(/shape 2, expected 1, one label an image/);
});

it("reads a file that lies there packed as well only once, and takes the unpacked one", async () => {
  const root = join(folder.path, "both");
  mkdirSync(root);
  for (const [name, bytes] of Object.entries({
    "train-images-idx3-ubyte": idx([3, 1, 1], [1, 2, 3]),
    "train-labels-idx1-ubyte": idx([3], [0, 1, 0]),
    "t10k-images-idx3-ubyte": idx([1, 1, 1], [4]),
    "t10k-labels-idx1-ubyte": idx([1], [1]),
  })) {
    writeFileSync(join(root, name), bytes);
    writeFileSync(join(root, `${name}.gz`), "damaged: not to be read");
  }
  const { splits } = await openDataSet(root, { cacheDirectory: join(folder.path, "cache") });
  expect([splits.train.count, splits.val.count]).toEqual([3, 1]);
});

it("refuses the files of several data sets, and tells names that begin alike apart", async () => {
  const root = join(folder.path, "several");
  mkdirSync(root);
  const put = (prefix: string, label: number) => {
    writeFileSync(join(root, `${prefix}train-images-idx3-ubyte`), idx([1, 1, 1], [label]));
    writeFileSync(join(root, `${prefix}train-labels-idx1-ubyte`), idx([1], [label]));
  };
  put("emnist-letters-", 7);
  writeFileSync(join(root, "emnist-letters-train-labels-of-old.txt"), "something else");
  const open = () => openDataSet(root, { cacheDirectory: join(folder.path, "cache"), valFraction: 0 });
  expect((await open()).classes).toEqual(["7"]);
  put("emnist-digits-", 1);
  await expect(open()).rejects.toThrow(
    /expected the files of one data set, but there are .*digits-train-images.*; put those of each into a folder/,
  );
  rmSync(join(root, "emnist-letters-train-images-idx3-ubyte"));
  expect((await open()).classes).toEqual(["1"]);
  mkdirSync(join(root, "emnist-digits-train-images.idx3-ubyte"));
  writeFileSync(join(root, "._emnist-digits-train-images-idx3-ubyte"), "of another system");
  writeFileSync(join(root, "._emnist-digits-train-labels-idx1-ubyte"), "of another system");
  expect((await open()).classes).toEqual(["1"]);
});

it.runIf(process.platform === "linux")("leaves no file open when it refuses one", async () => {
  const path = join(folder.path, "damaged.gz");
  writeFileSync(path, gzipSync(idx([3], new Uint8Array(2 ** 20)), { level: 0 }));
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  for (let i = 0; i < 200; i++) await expect(readIdx(path)).rejects.toThrow(RegnetError);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(open()).toBeLessThan(before + 20);
});
