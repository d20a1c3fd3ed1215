import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Where a process number means the same process: this boot of this machine, and in a container that container. Two
 * containers may share the machine's name and have the same numbers.
 */
const place = createHash("sha256")
  .update(
    JSON.stringify([
      hostname(),
      orNothing(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
      orNothing(() => readlinkSync("/proc/self/ns/pid")),
    ]),
  )
  .digest("hex")
  .slice(0, 12);

/** A new name for a piece of a process's work, from which others can tell whether it has died; fit for file names. */
export function newOwner(pid = process.pid): string {
  return `${pid}-${place}-${randomUUID().slice(0, 8)}`;
}

/** Whether an owner is known to be dead. Of processes elsewhere nothing is known. */
export function isDead(owner: string): boolean {
  const [pid, where] = owner.split("-");
  return where === place && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function orNothing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
