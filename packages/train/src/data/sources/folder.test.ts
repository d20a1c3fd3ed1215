import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { folderSource } from "./folder.js";
import type { Source } from "./source.js";

describe("class folders", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "regnet-folder-"));
    for (const name of ["a", "b"]) {
      mkdirSync(join(folder, name));
      for (let i = 0; i < 400; i++) writeFileSync(join(folder, name, `${i}.png`), "x".repeat(i % 7));
    }
    symlinkSync(join(folder, "nothing"), join(folder, "b", "400.png"));
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test("are found alike where a look at a file takes microseconds and where it takes long", async () => {
    const quick = await folderSource(folder);
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (now += 1000));
    const slow = await folderSource(folder);
    expect(now).toBe(6000); // three slow chunks, each with two looks at the clock
    expect(quick).toMatchObject({ total: 800, skipped: [{ path: "b/400.png", reason: "a link to nothing" }] });
    expect(slow).toMatchObject({ signature: quick.signature, total: quick.total, skipped: quick.skipped });
    expect(await namesOf(slow)).toEqual(await namesOf(quick));
  });
});

test("train/ and test/ with images and no classes are splits all the same: there is nothing to train on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "regnet-folder-"));
  for (const name of ["train", "test"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "1.png"), "x");
  }
  await expect(folderSource(folder)).rejects.toThrow(/2 images that lie in no class folder/);
  rmSync(folder, { recursive: true });
});

async function namesOf(source: Source): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of source.items()) names.push(name);
  return names;
}
