import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDataSet } from "./open.js";
import { writeClassFolders } from "./testing/folders.js";
import { asNobody } from "./testing/nobody.js";
import { temporaryFolder } from "./testing/temporary.js";

const folder = temporaryFolder();
const cacheDirectory = join(folder.path, "cache");
const photos = join(folder.path, "photos");
beforeAll(() => writeClassFolders(photos, { a: 3, b: 3 }));
afterAll(folder.remove);

it("an image that cannot be read is left out of its folder until it can be", async () => {
  const whole = await openDataSet(photos, { cacheDirectory: join(folder.path, "another-cache") });
  const image = join(photos, "a", "1.png");
  await asNobody(folder.path, async () => {
    chmodSync(image, 0);
    for (let opening = 0; opening < 2; opening++) {
      const { skipped, fingerprint } = await openDataSet(photos, { cacheDirectory });
      expect(skipped).toEqual([{ path: "a/1.png", reason: "permission denied" }]);
      expect(fingerprint).not.toBe(whole.fingerprint);
    }
    chmodSync(image, 0o644);
    expect((await openDataSet(photos, { cacheDirectory })).fingerprint).toBe(whole.fingerprint);
  });
});

/** Writes a source that is of no use without one of its files. @returns both */
const sources: Readonly<Record<string, () => { source: string; file: string }>> = {
  "an archive": () => {
    const file = join(folder.path, "photos.tar.gz");
    execFileSync("tar", ["czf", file, "-C", photos, "a", "b"]);
    return { source: file, file };
  },
  "a folder of IDX files": () => {
    const source = join(folder.path, "mnist");
    mkdirSync(source);
    const file = join(source, "train-images-idx3-ubyte");
    writeFileSync(file, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7));
    writeFileSync(join(source, "train-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0));
    return { source, file };
  },
  "a folder of CIFAR's files": () => {
    const source = join(folder.path, "cifar");
    mkdirSync(source);
    const file = join(source, "data_batch_1.bin");
    writeFileSync(file, new Uint8Array(3073));
    return { source, file };
  },
};

it.each(Object.keys(sources))("%s that cannot be read is refused, and opens once it can be", async (kind) => {
  const { source, file } = sources[kind]();
  await asNobody(folder.path, async () => {
    chmodSync(file, 0);
    await expect(openDataSet(source, { cacheDirectory })).rejects.toThrow(
      `cannot read "${file}": permission denied; change its permission (chmod +r)`,
    );
    chmodSync(file, 0o644);
    const { splits } = await openDataSet(source, { cacheDirectory, valFraction: 0 });
    expect(splits.train.count).toBeGreaterThan(0);
    chmodSync(file, 0);
    const smaller = openDataSet(source, { cacheDirectory, resolution: 4 }); // to be decoded, with a key that is known
    await expect(smaller).rejects.toThrow(`cannot read "${file}": permission denied`);
    chmodSync(file, 0o644);
  });
});
