import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where each version of cgroups tells what a group and those within it hold, files' pages left out; the older one first. */
const VERSIONS = [
  {
    group: /^\d+:(?:\S*,)?memory(?:,\S*)?:(.*)$/m,
    folder: "sys/fs/cgroup/memory",
    kinds: /^(?:total_rss|total_shmem) (\d+)$/gm,
  },
  { group: /^0::(.*)$/m, folder: "sys/fs/cgroup", kinds: /^(?:anon|shmem) (\d+)$/gm },
];

/**
 * Bytes that all processes of this one's cgroup (a container, a job of a cluster) hold and that do not give way: their own
 * pages and shared memory, not those of files. 0 where the system has no cgroups or does not tell.
 *
 * @param root of the file system
 */
export function cgroupBytes(root = "/"): number {
  try {
    const groups = readFileSync(join(root, "proc/self/cgroup"), "utf8");
    const { group, folder, kinds } = VERSIONS.find((version) => version.group.test(groups))!;
    const statistics = readStatistics(join(root, folder), group.exec(groups)![1]);
    return [...statistics.matchAll(kinds)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  } catch {
    return 0;
  }
}

/** A container may see its own group at the top, but be told the name that it has outside. */
function readStatistics(folder: string, group: string): string {
  try {
    return readFileSync(join(folder, group, "memory.stat"), "utf8");
  } catch {
    return readFileSync(join(folder, "memory.stat"), "utf8");
  }
}
