import { rmdirSync } from "node:fs";
import { RegnetError } from "@regnet/core";
import { withLock } from "../lock/lock.js";
import { makeFolder } from "./files.js";
import { RunLayout } from "./layout.js";

/**
 * Does `work` as the only training in a run's folder. Where no run was begun, no folder is left behind.
 * @throws RegnetError while another process trains there
 */
export async function holdRun<T>(folder: string, work: () => Promise<T>): Promise<T> {
  makeFolder(folder);
  const onWait = () => {
    throw new RegnetError(
      `${folder} is being trained in by another process; stop that one, or give another folder (-o). If its machine has died, try again in half a minute`,
      "invalid",
      folder,
    );
  };
  try {
    return (await withLock(new RunLayout(folder).lock, work, { onWait })) as T;
  } finally {
    removeEmpty(folder);
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds a run.
  }
}
