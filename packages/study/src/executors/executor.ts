import type { Study } from "../study/study.js";
import type { EpochMetrics, TrialRecord } from "../study/trial.js";

/** Told what happens while trials run. Every member may be left out. */
export interface RunObserver {
  /** A trial was begun, or gone on with. `slot` numbers the places where trials run at once, from 0. */
  onBegin?(id: number, slot: number): void;
  /** At most a few times a second for every trial. */
  onEpoch?(id: number, metrics: EpochMetrics, slot: number): void;
  /** No trial runs in this place any more: there are fewer from now on. */
  onLeave?(slot: number): void;
  /** A trial has its result. Once for every trial, whoever ran it. */
  onFinished?(record: TrialRecord): void;
  /** Something people should know: a crash that is retried, a job that was submitted. */
  onNote?(text: string): void;
}

/** Whether an executor can work here; if not, why, and what would change it. */
export type ExecutorAvailability =
  | { readonly available: true; readonly description: string }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

/**
 * Gets trials run somewhere: `runTrial` for every one of them, with the study's folder in between. An executor keeps
 * nothing that matters: where it is killed, another goes on from the folder.
 */
export interface Executor {
  readonly id: string;
  /** Never throws. */
  probe(): Promise<ExecutorAvailability>;
  /**
   * Gets ready for a study whose population is still being drawn. @returns what ends what was started, where it is never run
   */
  prepare?(study: Study): () => void;
  /**
   * Runs the trials until every one of them has a result, or until the signal is aborted: then the running ones leave
   * checkpoints, nothing of the executor's runs on, and it returns. Called by the study's coordinator only.
   *
   * @param ids trials without a result
   * @throws StorageError, or RegnetError where the study as a whole cannot be run here; no trial is then failed for it
   */
  run(study: Study, ids: readonly number[], observer: RunObserver, signal: AbortSignal): Promise<void>;
  /** What runs of this study outlive their coordinator and are still there, for `status`. */
  pending?(study: Study): Promise<PendingJobs>;
  /** Ends what outlives a coordinator. @returns how many jobs were cancelled */
  cancel?(study: Study): Promise<number>;
}

/** Jobs at a scheduler. */
export interface PendingJobs {
  readonly running: number;
  readonly queued: number;
  /** The scheduler's own words on the jobs that wait or ended badly, for people. */
  readonly notes: readonly string[];
}
