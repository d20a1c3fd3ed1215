import { existsSync } from "node:fs";
import { RegnetError } from "@regnet/core";
import { withLock } from "../lock/lock.js";
import { explainWriting, makeFolder, removeEmptyFolder } from "./files.js";
import { RunLayout } from "./layout.js";

/**
 * Does `work` as the only training in a run's folder. Where no run is begun, no new folder is left behind.
 * @throws RegnetError while another process trains there, or where the folder cannot be written
 */
export async function holdRun<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const isNew = !existsSync(folder);
  makeFolder(folder);
  let held = false;
  const begin = () => {
    held = true;
    return work();
  };
  const onWait = () => {
    throw new RegnetError(
      `${folder} is being trained in by another process; stop that one, or give another folder (-o). If its machine has died, try again in half a minute`,
      "invalid",
      folder,
    );
  };
  try {
    return (await withLock(new RunLayout(folder).lock, begin, { onWait })) as T;
  } catch (error) {
    throw held ? error : explainWriting(error, folder);
  } finally {
    if (isNew) removeEmptyFolder(folder);
  }
}
