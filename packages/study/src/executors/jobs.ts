import { existsSync } from "node:fs";
import type { Study } from "../study/study.js";
import type { PendingJobs } from "./executor.js";
import { SlurmExecutor } from "./slurm/slurm.js";
import { slurmFolder } from "./slurm/submissions.js";

/** What a scheduler still has of a study; undefined for one that never went to any. */
export async function pendingJobs(study: Study): Promise<PendingJobs | undefined> {
  if (!existsSync(slurmFolder(study))) return undefined;
  try {
    return await new SlurmExecutor().pending(study);
  } catch (error) {
    return { running: 0, queued: 0, notes: [`the scheduler cannot be asked from here: ${(error as Error).message}`] };
  }
}

/** Cancels what a scheduler still has of a study. @returns how many jobs that were */
export async function cancelJobs(study: Study): Promise<number> {
  return existsSync(slurmFolder(study)) ? new SlurmExecutor().cancel(study) : 0;
}
