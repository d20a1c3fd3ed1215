import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writingCache } from "./cache.js";
import { openDataSet } from "./open.js";
import { asNobody } from "./testing/nobody.js";
import { temporaryFolder } from "./testing/temporary.js";

const folder = temporaryFolder();
afterAll(folder.remove);

it("names the cache and the remedy where the disk is full, and leaves other errors as they are", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  await expect(writingCache("/cache", () => Promise.reject(full))).rejects.toThrow(
    "cannot write the image cache /cache: no space is left on the disk; free some, or set REGNET_CACHE to another folder",
  );
  const other = new Error("something else");
  await expect(writingCache("/cache", () => Promise.reject(other))).rejects.toBe(other);
});

it("names them where there cannot be a cache", async () => {
  const file = join(folder.path, "file");
  writeFileSync(file, "");
  await expect(openDataSet("shapes:10", { cacheDirectory: file })).rejects.toThrow(
    `cannot write the image cache ${file}: a part of its path is a file; set REGNET_CACHE to another folder`,
  );
});

it.each(["", "signatures", "packs"])("names them where there is no permission to write into cache/%s", async (part) => {
  const cacheDirectory = join(folder.path, `cache-${part}`);
  mkdirSync(join(cacheDirectory, part), { recursive: true });
  await asNobody(folder.path, async () => {
    chmodSync(join(cacheDirectory, part), 0o555);
    const opening = openDataSet("shapes:10", { cacheDirectory });
    await expect(opening).rejects.toThrow(
      `cannot write the image cache ${cacheDirectory}: there is no permission; make it writable, or set REGNET_CACHE`,
    );
    chmodSync(join(cacheDirectory, part), 0o755);
  });
});
