import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { openDataSet } from "../open.js";
import { temporaryFolder } from "../testing/temporary.js";

const folder = temporaryFolder();
afterAll(folder.remove);

const LIBRARY = new URL("../../../dist/data/open.js", import.meta.url).href;
const SOURCE = "shapes:1500";
const PROGRAM = `
  const { openDataSet } = await import(${JSON.stringify(LIBRARY)});
  await openDataSet(${JSON.stringify(SOURCE)}, {
    cacheDirectory: process.argv[1],
    onProgress: ({ phase, done }) => { if (phase === "decode" && done % 100 === 1) process.stdout.write("."); },
  });
`;

/** Kills a build some milliseconds after its first images. */
async function killedBuild(cache: string, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, cache], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]);
  await delay(milliseconds);
  child.kill("SIGKILL");
  await ended;
}

it("survives kill -9 at any moment: what remains is whole or is made anew, and nothing piles up", async () => {
  const undisturbed = await openDataSet(SOURCE, { cacheDirectory: join(folder.path, "undisturbed") });
  for (let round = 0; round < 10; round++) {
    const cache = join(folder.path, `cache-${round}`);
    await killedBuild(cache, round * 60);
    await killedBuild(cache, round * 40);
    const dataSet = await openDataSet(SOURCE, { cacheDirectory: cache });
    expect(readdirSync(join(cache, "packs"))).toHaveLength(1);
    expect(dataSet.fingerprint).toBe(undisturbed.fingerprint);
    expect(dataSet.splits.val.image(299)).toEqual(undisturbed.splits.val.image(299));
    expect(dataSet.statistics).toEqual(undisturbed.statistics);
  }
});
