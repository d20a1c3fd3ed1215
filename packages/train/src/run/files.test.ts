import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { temporaryFolder } from "../trainer/testing/tiny.js";
import { writeNew } from "./files.js";

const links = vi.hoisted(() => ({ there: true }));

vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  const linkSync: typeof fs.linkSync = (from, to) => {
    if (!links.there) throw Object.assign(new Error("no links here"), { code: "EPERM" });
    fs.linkSync(from, to);
  };
  return { ...fs, linkSync };
});

beforeEach(() => {
  links.there = true;
});

it.each([true, false])("writes a file where there is none, once, on a disk with links: %s", (there) => {
  links.there = there;
  const folder = temporaryFolder();
  const path = join(folder, "run.json");
  expect(writeNew(path, "first")).toBe(true);
  expect(writeNew(path, "second")).toBe(false);
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(folder)).toEqual(["run.json"]);
});
