import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A module that each package starts on its own. */
const ENTRIES = {
  core: [],
  engine: ["bench/process"],
  train: ["augment/worker"],
  study: ["executors/worker"],
  cli: ["main"],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "regnet-bundle-"));
  cpSync(join(ROOT, "scripts"), join(root, "scripts"), { recursive: true });
  write("package-lock.json", "{}");
  write("node_modules/.package-lock.json", "{}");
  symlinkSync(join(ROOT, "node_modules/esbuild"), join(root, "node_modules/esbuild"));
  for (const [name, entries] of Object.entries(ENTRIES)) {
    write(`packages/${name}/package.json`, JSON.stringify({ exports: {}, dependencies: { koffi: "3" } }));
    write(`packages/${name}/dist/index.js`, "");
    for (const entry of entries) write(`packages/${name}/dist/${entry}.js`, loading("koffi"));
    write(
      `packages/${name}/src/start.ts`,
      entries.map((entry) => `new Worker(builtModule("${entry}.js"));`).join("\n"),
    );
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function loading(name: string): string {
  return `import { createRequire } from "node:module";\ncreateRequire(import.meta.url)("${name}");`;
}

function bundle(): void {
  execFileSync(process.execPath, ["scripts/bundle.mjs"], { cwd: root, stdio: "pipe", encoding: "utf8" });
}

/** Bundles once more. @returns whether the engine's were made anew, whereby files of other builds are removed */
function isMadeAnew(): boolean {
  write("packages/engine/bundle/leftover.js", "");
  bundle();
  return !existsSync(join(root, "packages/engine/bundle/leftover.js"));
}

describe("the script that bundles", () => {
  test("makes bundles anew only where what they are made of is newer", () => {
    bundle();
    expect(isMadeAnew()).toBe(false);
    const now = Date.now() / 1000;
    for (const path of ["node_modules/.package-lock.json", "packages/core/package.json", "packages/cli/dist/main.js"]) {
      utimesSync(join(root, path), now + 60, now + 60);
      expect(isMadeAnew(), path).toBe(true);
      utimesSync(join(root, path), now - 60, now - 60);
    }
    rmSync(join(root, "node_modules/.package-lock.json"));
    expect(isMadeAnew(), "without a list of what npm installed").toBe(false);
  });

  test("bundles each module that a package starts, and fails where one is not there", () => {
    write("packages/study/dist/study/thread.js", "");
    write("packages/study/src/study/thread.ts", 'fork(fileURLToPath(builtModule("study/thread.js")));');
    bundle();
    expect(existsSync(join(root, "packages/study/bundle/study/thread.js"))).toBe(true);
    expect(existsSync(join(root, "packages/study/bundle/executors/worker.js"))).toBe(true);
    write("packages/study/src/study/gone.ts", 'fork(fileURLToPath(builtModule("study/gone.js")));');
    write("packages/study/package.json", JSON.stringify({ exports: {}, dependencies: { koffi: "4" } }));
    expect(bundle).toThrow(/study\/gone\.js/);
  });

  test.each([
    ["imports", 'import sharp from "sharp";\nsharp();'],
    ["imports when it needs it", 'export const load = () => import("sharp");'],
    ["requires", loading("sharp")],
    ["requires a part of", loading("sharp/lib/sharp.js")],
  ])("fails where a package does not declare what its bundle %s", (_, source) => {
    write("packages/train/dist/augment/worker.js", source);
    expect(bundle).toThrow(/packages\/train must depend on what its bundle loads: sharp/);
  });
});
