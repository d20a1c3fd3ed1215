import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Where each version of cgroups tells how much a group and those within it may hold, and what they hold, files' pages left out; the
 * older one first.
 */
const VERSIONS = [
  {
    group: /^\d+:(?:\S*,)?memory(?:,\S*)?:(.*)$/m,
    folder: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    kinds: /^(?:total_rss|total_shmem) (\d+)$/gm,
  },
  { group: /^0::(.*)$/m, folder: "sys/fs/cgroup", limit: "memory.max", kinds: /^(?:anon|shmem) (\d+)$/gm },
];

/**
 * Bytes that the processes of this one's cgroup (a container, a job of a cluster) may still take: what is left of its limit, or of
 * one that it lies in. They hold their own pages and shared memory; those of files give way. Infinity where there is no
 * limit, or the system does not tell.
 *
 * @param root of the file system
 */
export function cgroupFree(root = "/"): number {
  try {
    const groups = readFileSync(join(root, "proc/self/cgroup"), "utf8");
    const version = VERSIONS.find(({ group }) => group.test(groups))!;
    const folder = join(root, version.folder);
    return Math.min(
      ...withParents(version.group.exec(groups)![1]).map((group) => leftOf(join(folder, group), version)),
    );
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * A group's name and those of the groups it lies in, up to the top. A container may see its own group at the top, but be told the
 * name that it has outside, of which nothing is there.
 */
function withParents(group: string): string[] {
  const parent = dirname(group);
  return parent === group ? [group] : [group, ...withParents(parent)];
}

function leftOf(folder: string, { limit, kinds }: (typeof VERSIONS)[number]): number {
  try {
    const most = Number(readFileSync(join(folder, limit), "utf8"));
    const statistics = readFileSync(join(folder, "memory.stat"), "utf8");
    const held = [...statistics.matchAll(kinds)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    // `max` is no number.
    return Number.isNaN(most) ? Number.POSITIVE_INFINITY : Math.max(0, most - held);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
