import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { writeClassFolders } from "../testing/folders.js";
import { temporaryFolder } from "../testing/temporary.js";

const folder = temporaryFolder();
afterAll(folder.remove);

const LIBRARY = new URL("../../../dist/index.js", import.meta.url).href;
/** Opens a data set and prints how many images it decoded itself, and the fingerprint. */
const PROGRAM = `
  const { openDataSet } = await import(${JSON.stringify(LIBRARY)});
  let decoded = 0;
  const onProgress = ({ phase }) => { if (phase === "decode") decoded++; };
  const [source, cacheDirectory] = process.argv.slice(1);
  const { fingerprint, splits } = await openDataSet(source, { cacheDirectory, onProgress });
  console.log(JSON.stringify({ decoded, fingerprint, count: splits.train.count + splits.val.count }));
`;

it("is built by one of several processes that want it at once", async () => {
  const [source, cache] = [join(folder.path, "images"), join(folder.path, "cache")];
  await writeClassFolders(source, { a: 60, b: 60 });
  const run = async () => {
    const args = ["--input-type=module", "-e", PROGRAM, source, cache];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as {
      decoded: number;
      fingerprint: string;
      count: number;
    };
  };
  const results = await Promise.all([run(), run(), run()]);
  expect(results.map(({ decoded }) => decoded).sort((a, b) => a - b)).toEqual([0, 0, 120]);
  expect(new Set(results.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  expect(results.map(({ count }) => count)).toEqual([120, 120, 120]);
  expect(readdirSync(join(cache, "packs"))).toHaveLength(1);
});
