import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { errorsOf } from "../executors/executorContract.js";
import { LocalExecutor } from "../executors/local.js";
import { newStudy } from "./newStudy.js";
import { runStudy } from "./runStudy.js";
import { spaceSampler } from "./sampleSpace.js";
import { studyStatus } from "./status.js";
import type { StorageError } from "./storage.js";
import { openStudy } from "./study.js";
import { drawRegNets, GREY_IMAGES, inTemporaryFolder, simulatedSpec, writeGreyImages } from "./testing.js";

const COMMAND = fileURLToPath(new URL("../../../cli/bin/regnet.js", import.meta.url));
const root = process.getuid?.() === 0;

/** Uses a small file system of its own. */
async function onTmpfs(size: string, use: (folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (parent) => {
    const mount = join(parent, "tmpfs");
    mkdirSync(mount);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", mount]);
    try {
      await use(mount);
    } finally {
      execFileSync("umount", ["--lazy", mount]);
    }
  });
}

/** Leaves so many bytes of a file system free. @returns what takes the others */
function fill(mount: string, bytes: number): string {
  const { bavail, bsize } = statfsSync(mount);
  const ballast = join(mount, "ballast");
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - bytes));
  return ballast;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

function run(folder: string) {
  return runStudy(openStudy(folder), { executor: new LocalExecutor({ workers: 2 }), sampler: drawRegNets });
}

describe.skipIf(!root)("a study on a failing disk (needs root, for a file system of its own)", () => {
  test("says that the disk is full, and goes on once there is room", () =>
    onTmpfs("6m", async (mount) => {
      const folder = join(mount, "study");
      const spec = simulatedSpec({ trials: 60, epochs: 40, simulate: { milliseconds: 100 } });
      await newStudy(folder, spec, drawRegNets);
      const ballast = fill(mount, 60 * 4096);
      const error = (await run(folder).catch((reason: unknown) => reason)) as StorageError;
      expect(error.message).toMatch(/no space left on the disk .* free some and run again/);
      expect(error.systemCode).toBe("ENOSPC");
      rmSync(ballast);
      expect(studyStatus(openStudy(folder)).failed).toBe(0);
      expect(await run(folder)).toMatchObject({ done: 60, failed: 0, waiting: 0 });
      await inTemporaryFolder(async (other) => {
        await newStudy(other, spec, drawRegNets);
        await run(other);
        expect(errorsOf(folder)).toEqual(errorsOf(other));
      });
    }));

  test("that trains fails no trial for a checkpoint that does not fit, and goes on once there is room", () =>
    onTmpfs("40m", async (mount) => {
      vi.stubEnv("REGNET_CACHE", join(mount, "..", "cache"));
      const folder = join(mount, "study");
      const images = { data: writeGreyImages(join(mount, "..", "images")), ...GREY_IMAGES };
      const spec = simulatedSpec({ task: "train", recipe: "quick", trials: 6, epochs: 3, batch: 8, ...images });
      await newStudy(folder, spec, drawRegNets);
      const ballast = fill(mount, 40 * 4096);
      const error = (await run(folder).catch((reason: unknown) => reason)) as StorageError;
      expect(error.message).toMatch(/no space left on the disk .* free some and run again/);
      expect(studyStatus(openStudy(folder)).failed).toBe(0);
      rmSync(ballast);
      expect(await run(folder)).toMatchObject({ done: 6, failed: 0, waiting: 0 });
    }));

  test("on a read-only file system can be looked at, and says why it cannot be run", () =>
    onTmpfs("20m", async (mount) => {
      const folder = join(mount, "study");
      execFileSync(process.execPath, [COMMAND, "study", "new", folder, "--task", "simulate", "--trials", "3"]);
      execFileSync(process.execPath, [COMMAND, "study", "run", folder], { stdio: "ignore" });
      execFileSync("mount", ["-o", "remount,ro", mount]);
      expect(studyStatus(openStudy(folder))).toMatchObject({ done: 3, waiting: 0 });
      await expect(run(folder)).rejects.toThrow(/the file system is read-only; remount it or copy the study elsewhere/);
    }));

  test("says the same on the command line, in one line and with exit code 1", () =>
    onTmpfs("4m", async (mount) => {
      const folder = join(mount, "study");
      await newStudy(folder, simulatedSpec({ space: "RegNetX", trials: 30 }), spaceSampler());
      fill(mount, 0);
      const { status, stderr } = spawnSync(process.execPath, [COMMAND, "study", "run", folder], { encoding: "utf8" });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: no space left on the disk .*\n$/);
    }));
});

describe("a study", () => {
  test("is not disturbed by a wall clock that jumps", () =>
    inTemporaryFolder(async (folder) => {
      await newStudy(folder, simulatedSpec({ space: "RegNetX", trials: 4 }), spaceSampler());
      const jump = join(folder, "jump.cjs");
      writeFileSync(jump, "const { now } = Date; let n = 0; Date.now = () => now() + (n++ % 2 ? 1e12 : -1e12);\n");
      const study = openStudy(folder);
      const script =
        'import { LocalExecutor, openStudy, runStudy, spaceSampler } from "@regnet/study";' +
        "const study = openStudy(process.argv[1]);" +
        "const executor = new LocalExecutor({ workers: 2 });" +
        "const { done, seconds } = await runStudy(study, { executor, sampler: spaceSampler() });" +
        "process.stdout.write(JSON.stringify({ done, sane: seconds > 0 && seconds < 300 }));";
      const env = { ...process.env, NODE_OPTIONS: `--require ${jump}` };
      const args = ["--input-type=module", "--eval", script, study.folder];
      const cwd = fileURLToPath(new URL("../..", import.meta.url));
      const { stdout, stderr } = spawnSync(process.execPath, args, { env, cwd, encoding: "utf8" });
      expect(stdout, stderr).toBe('{"done":4,"sane":true}');
    }));
});
