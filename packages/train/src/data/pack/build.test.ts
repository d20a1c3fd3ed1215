import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import type { Source } from "../sources/source.js";
import { temporaryFolder } from "../testing/temporary.js";
import { ensurePack } from "./build.js";

const folder = temporaryFolder();
afterAll(folder.remove);

/** A build of two images that waits before the second, and lets go of it when told. */
function slowBuild(cacheDirectory: string) {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const image = { data: new Uint8Array(3), channels: 3, height: 1, width: 1 } as const;
  const item = (name: string) => ({ name, className: name, split: undefined, load: () => gate.then(() => image) });
  const source: Source = {
    ...{ name: "slow", location: "nowhere", signature: "slow", channels: 3, skipped: [], notes: [] },
    contents: async () => ({ digest: "slow", whole: true }),
    items: () => [item("a"), item("b")],
  };
  return { go, result: ensurePack(source, { cacheDirectory, decode: { channels: 3 } }) };
}

async function temporariesOf(packs: string, count: number): Promise<string[]> {
  for (;;) {
    const found = existsSync(packs) ? readdirSync(packs).filter((name) => name.endsWith(".tmp")) : [];
    if (found.length === count) return found;
    await delay(5);
  }
}

/** Two builds at once: the second took the first one's lock over. */
async function twoBuilds(name: string, prepare: (temporary: string) => void) {
  const cache = join(folder.path, name);
  const packs = join(cache, "packs");
  const first = slowBuild(cache);
  const [temporary] = await temporariesOf(packs, 1);
  const lock = readdirSync(packs).find((entry) => entry.endsWith(".lock"))!;
  writeFileSync(join(packs, lock), "1-elsewhere-1");
  utimesSync(join(packs, lock), 1, 1);
  prepare(join(packs, temporary));
  const second = slowBuild(cache);
  return { packs, temporary, first, second };
}

it("leaves the work of a live process alone, and what is finished second gives way", async () => {
  const { packs, first, second } = await twoBuilds("live", () => {});
  await temporariesOf(packs, 2);
  first.go();
  const directory = await first.result;
  second.go();
  expect(await second.result).toBe(directory);
  expect(readdirSync(packs)).toHaveLength(1);
});

it("waits for the other, where it was taken for dead and its work away", async () => {
  const { packs, temporary, first, second } = await twoBuilds("asleep", (path) => utimesSync(path, 1, 1));
  while (!(await temporariesOf(packs, 1)).every((name) => name !== temporary)) await delay(5);
  first.go();
  await delay(50);
  second.go();
  expect(await first.result).toBe(await second.result);
  expect(readdirSync(packs)).toHaveLength(1);
});
