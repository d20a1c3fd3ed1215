import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { temporaryFolder } from "../data/testing/temporary.js";
import { breakLock, withLock } from "./lock.js";
import { newOwner } from "./owner.js";

const folder = temporaryFolder();
const path = join(folder.path, "lock");
afterAll(folder.remove);

it("lets one work at a time and goes away", async () => {
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await delay(5);
    inside--;
  };
  await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)));
  expect([most, existsSync(path)]).toEqual([1, false]);
});

it("goes away when the work fails", async () => {
  await expect(withLock(path, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(existsSync(path)).toBe(false);
});

it("takes over the lock of a dead process, and one that has not stirred", async () => {
  writeFileSync(path, newOwner(4194304));
  expect(await withLock(path, async () => 1)).toBe(1);
  writeFileSync(path, "1 elsewhere asleep");
  utimesSync(path, 1, 1);
  expect(await withLock(path, async () => 2, { staleAfter: 1000 })).toBe(2);
});

it("is put back where somebody else has broken a dead one and made it anew meanwhile", async () => {
  await withLock(path, async () => {
    const owner = readFileSync(path, "utf8");
    await breakLock(path, 1000);
    expect(readFileSync(path, "utf8")).toBe(owner);
  });
  expect(readdirSync(folder.path)).toEqual([]);
});

it("does not take a process of another container for dead, whatever its number", async () => {
  writeFileSync(path, `4194304-another-1`);
  await expect(withLock(path, async () => 1, { signal: AbortSignal.timeout(60) })).rejects.toThrow(/abort|timeout/i);
  rmSync(path);
});

it("leaves a lock alone that was taken over meanwhile", async () => {
  await withLock(path, async () => writeFileSync(path, "1 elsewhere other"));
  expect(readFileSync(path, "utf8")).toBe("1 elsewhere other");
});

it("gives up waiting with the reason that the caller gives", async () => {
  writeFileSync(path, "1 elsewhere other");
  const [abort, reason] = [new AbortController(), new Error("interrupted")];
  const onWait = () => setImmediate(() => abort.abort(reason)); // once it sleeps
  await expect(withLock(path, async () => 1, { signal: abort.signal, onWait })).rejects.toBe(reason);
});

it("waits until what it wants is there, or the caller gives up", async () => {
  let asked = 0;
  const until = async () => ++asked > 2;
  expect(await withLock(path, async () => "worked", { until })).toBeUndefined();
  await expect(withLock(path, async () => 1, { signal: AbortSignal.timeout(30) })).rejects.toThrow(/abort|timeout/i);
});
