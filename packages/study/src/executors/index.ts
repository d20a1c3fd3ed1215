export type { Executor, ExecutorAvailability, PendingJobs, RunObserver } from "./executor.js";
export { cancelJobs, pendingJobs } from "./jobs.js";
export { LocalExecutor, type LocalOptions } from "./local.js";
export { SlurmExecutor, type SlurmOptions } from "./slurm/slurm.js";
