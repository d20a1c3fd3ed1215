import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const parent = mkdtempSync(join(tmpdir(), "regnet-tarballs-"));
const modules = join(parent, "node_modules");
afterAll(() => rmSync(parent, { recursive: true, force: true }));

beforeAll(() => {
  execFileSync("npm", ["pack", "--workspaces", "--silent", "--pack-destination", parent], { cwd: ROOT });
  for (const tarball of tarballs()) unpack(tarball);
}, 300_000);

function tarballs(): string[] {
  return readdirSync(parent)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => join(parent, name));
}

/** Installs a tarball as npm would, and of other packages only those that it depends on. */
function unpack(tarball: string): void {
  const manifest = execFileSync("tar", ["xzfO", tarball, "package/package.json"], { encoding: "utf8" });
  const { name, dependencies } = JSON.parse(manifest) as { name: string; dependencies: Record<string, string> };
  mkdirSync(join(modules, name), { recursive: true });
  execFileSync("tar", ["xzf", tarball, "-C", join(modules, name), "--strip-components=1"]);
  for (const other of Object.keys(dependencies)) {
    if (other.startsWith("@regnet/") || existsSync(join(modules, other))) continue;
    mkdirSync(dirname(join(modules, other)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", other), join(modules, other));
  }
}

function node(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: parent, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function regnet(...args: readonly string[]): unknown {
  return JSON.parse(node(join(modules, "regnet/bin/regnet.js"), ...args, "--json"));
}

describe("the packages as npm packs them, in an otherwise empty folder", () => {
  test("hold what was built, and neither tests nor leftovers of the build", () => {
    const files = tarballs().flatMap((tarball) =>
      execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).split("\n"),
    );
    expect(files).toContain("package/bundle/LICENSES.txt");
    expect(files.filter((file) => /\.test\.|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test("are a command, whose workers, threads and processes are found", () => {
    expect(regnet("describe", "RegNetX-200MF")).toMatchObject({ flops: 199040872 });
    expect(regnet("doctor")).toMatchObject({ chosen: expect.any(String) });
    regnet("study", "new", "try", "--task", "simulate", "--trials", "2", "--flops", "..3M");
    expect(regnet("study", "run", "try", "--workers", "1")).toMatchObject({ trials: 2, done: 2, failed: 0 });
    const model = ["--w0", "8", "--wa", "8", "--wm", "2", "--depth", "2", "--group-width", "8", "--res", "16"];
    const images = ["--data", "shapes:40", "--batch", "20", "--epochs", "1", "--workers", "1"];
    expect(regnet("train", ...model, ...images, "-o", "run")).toMatchObject({ state: "finished" });
    expect(regnet("bench", ...model, "--time", "0.1")).toMatchObject({ results: [{ measurement: {} }] });
  }, 300_000);

  test("are a library", () => {
    const program = `
      import { load } from "regnet";
      import { describe, initialise, regnet, toOnnx } from "@regnet/core";
      import { engineById } from "@regnet/engine";
      import * as testing from "@regnet/engine/testing";
      import { openStudy } from "@regnet/study/study";
      import "@regnet/study";
      const graph = regnet({ w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8 });
      console.log(describe("RegNetX-200MF").flops, toOnnx(graph, { weights: initialise(graph, 0) }).length > 1000);
      console.log([load, engineById, openStudy, testing].every(Boolean));
    `;
    writeFileSync(join(parent, "program.mjs"), program);
    expect(node("program.mjs")).toBe("199040872 true\ntrue\n");
    const types = readFileSync(join(modules, "regnet/dist/index.d.ts"), "utf8");
    expect(types).toContain("@regnet/train");
  });
});
