import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { newOwner } from "../../lock/owner.js";
import { asNobody } from "../testing/nobody.js";
import { temporaryFolder } from "../testing/temporary.js";
import { removeLeftovers } from "./leftovers.js";

const folder = temporaryFolder();
afterAll(folder.remove);

/** The folder that a build of a dead process has left, with a file in it. */
function leftover(name: string): string {
  const path = join(folder.path, `${name}.${newOwner(4194304)}.tmp`);
  mkdirSync(path);
  writeFileSync(join(path, "shard-0.bin"), "half");
  return path;
}

it("removes what can be removed, whatever else cannot", async () => {
  await asNobody(folder.path, async () => {
    const paths = [leftover("a"), leftover("b"), leftover("c")];
    chmodSync(paths[1], 0o555);
    await removeLeftovers(folder.path, 60_000);
    expect(paths.map(existsSync)).toEqual([false, false, false]);
    const aside = readdirSync(folder.path);
    expect(aside).toEqual([expect.stringMatching(/^0\.removed-/)]);
    chmodSync(join(folder.path, aside[0]), 0o755);
  });
});
