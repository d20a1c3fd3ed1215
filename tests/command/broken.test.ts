import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { regnet } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "regnet-broken-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function preload(name: string, code: string): string {
  const path = join(folder, `${name}.cjs`);
  writeFileSync(path, code);
  return path;
}

const WITHOUT_KOFFI = `
  const Module = require("node:module");
  const load = Module._load;
  Module._load = (request, ...rest) => {
    if (/\\bkoffi\\b/.test(request)) throw new Error("Cannot find the native Koffi module");
    return load(request, ...rest);
  };`;

const UNREADABLE = `
  const files = require("node:fs/promises");
  const { readFile } = files;
  files.readFile = async (path, ...rest) => {
    if (/package\\.json$/.test(path)) throw new Error("cannot be read");
    return readFile(path, ...rest);
  };
  require("node:module").syncBuiltinESMExports();`;

describe("a broken installation", () => {
  it("without koffi is examined by doctor, which names the remedy", async () => {
    const { code, stdout } = await regnet(["doctor"], { preload: preload("koffi", WITHOUT_KOFFI) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ onednn: missing koffi .*\n.*✓ onnxruntime .* the one that auto takes/);
    expect(stdout).toMatch(/This would make it faster:\n {2}npm install koffi\n$/);
  });

  it("without koffi runs networks by ONNX Runtime", async () => {
    const args = ["bench", "RegNetX-200MF", "--res", "32", "--time", "0.1", "--engine", "onnxruntime", "--json"];
    const { code, stderr } = await regnet(args, { preload: preload("koffi", WITHOUT_KOFFI) });
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("is reported like every error, though no command has begun", async () => {
    const { code, stderr } = await regnet(["doctor"], { preload: preload("unreadable", UNREADABLE) });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*cannot be read/);
  });
});
