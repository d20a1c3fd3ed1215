import { existsSync } from "node:fs";
import type { Study } from "../study/study.js";
import type { PendingJobs } from "./executor.js";
import type { SlurmExecutor } from "./slurm/slurm.js";

/** What a scheduler still has of a study; undefined for one that never went to any. */
export async function pendingJobs(study: Study): Promise<PendingJobs | undefined> {
  const executor = await executorOf(study);
  try {
    return await executor?.pending(study);
  } catch (error) {
    return { running: 0, queued: 0, notes: [`the scheduler cannot be asked from here: ${(error as Error).message}`] };
  }
}

/** Cancels what a scheduler still has of a study. @returns how many jobs that were */
export async function cancelJobs(study: Study): Promise<number> {
  return (await executorOf(study))?.cancel(study) ?? 0;
}

/** Loaded for the studies that have been submitted only. */
async function executorOf({ layout }: Study): Promise<SlurmExecutor | undefined> {
  if (!existsSync(layout.slurm)) return undefined;
  const slurm = await import("./slurm/slurm.js");
  return new slurm.SlurmExecutor();
}
