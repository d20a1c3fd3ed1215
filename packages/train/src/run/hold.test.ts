import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { asNobody } from "../data/testing/nobody.js";
import { temporaryFolder as ownFolder } from "../data/testing/temporary.js";
import { newOwner } from "../lock/owner.js";
import { temporaryFolder } from "../trainer/testing/tiny.js";
import { holdRun } from "./hold.js";
import { RunLayout } from "./layout.js";

const disk = vi.hoisted(() => ({ full: false }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs/promises")>();
  const open: typeof fs.open = async (...given) => {
    const file = await fs.open(...given);
    if (disk.full)
      file.writeFile = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }));
    return file;
  };
  return { ...fs, open };
});

const nothing = () => Promise.resolve();

it("refuses while another process trains, and does nothing", async () => {
  const folder = temporaryFolder();
  writeFileSync(new RunLayout(folder).lock, newOwner(process.ppid));
  await expect(holdRun(folder, () => expect.unreachable())).rejects.toThrow(/is being trained in by another process/);
});

it("says why a folder cannot be written", async () => {
  const above = ownFolder();
  const folder = join(above.path, "run");
  mkdirSync(folder);
  await asNobody(above.path, async () => {
    chmodSync(folder, 0o555);
    await expect(holdRun(folder, nothing)).rejects.toThrow(
      /cannot write .*run: there is no permission; make the folder/,
    );
    chmodSync(folder, 0o755);
  });
  above.remove();
});

it("leaves no lock behind that a full disk had no room for", async () => {
  const folder = join(temporaryFolder(), "run");
  disk.full = true;
  await expect(holdRun(folder, nothing)).rejects.toThrow(/cannot write .*run: no space is left on the disk/);
  disk.full = false;
  expect(existsSync(folder)).toBe(false);
  await holdRun(folder, nothing);
});

it("hands on what the work throws, as it is", async () => {
  const error = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  const folder = join(temporaryFolder(), "run");
  await expect(holdRun(folder, () => Promise.reject(error))).rejects.toBe(error);
  expect(existsSync(folder)).toBe(false);
  mkdirSync(folder);
  await expect(holdRun(folder, () => Promise.reject(error))).rejects.toBe(error);
  expect(existsSync(folder)).toBe(true);
});
