import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isDead, newOwner } from "../../lock/owner.js";

const FOLDER = /^[0-9a-f]+\.(.+)\.tmp$/;

/** A name beside a pack's folder for what will become it. */
export function temporaryFolder(directory: string): string {
  return `${directory}.${newOwner()}.tmp`;
}

/**
 * Removes the temporary folders of killed builds: of processes that are dead, and what has not been touched for
 * `staleAfter` milliseconds. Each is moved away first, so that no builder who wakes publishes a half of it. What cannot
 * be removed, another user's for instance, stays.
 */
export async function removeLeftovers(packs: string, staleAfter: number): Promise<void> {
  for (const name of await readdir(packs).catch(() => [])) {
    const owner = FOLDER.exec(name)?.[1];
    if (owner === undefined || !(isDead(owner) || (await isOld(join(packs, name), staleAfter)))) continue;
    const aside = join(packs, `0.removed-${randomUUID()}.tmp`);
    const moved = await rename(join(packs, name), aside).then(
      () => true,
      () => false,
    );
    if (moved) await removeFolder(aside);
  }
}

/** Removes a folder as far as that can be done. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

async function isOld(path: string, staleAfter: number): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > staleAfter;
}
