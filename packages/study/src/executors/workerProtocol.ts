import type { ErrorCode } from "@regnet/core";
import type { DataSetHandle } from "@regnet/train";
import type { EpochMetrics, TrialResult } from "../study/trial.js";
import type { HeldMemory } from "./probe.js";

/** What a worker process is told. */
export type ToWorker =
  | { readonly type: "trial"; readonly id: number; readonly images?: DataSetHandle }
  /** Measures how fast its trials take steps, for so long. */
  | { readonly type: "measure"; readonly seconds: number }
  /** Takes no step more until told to `resume`. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "stop" };

/** What a worker process says. One `outcome` for every `trial`, in order, unless it dies. */
export type FromWorker =
  | { readonly type: "ready" }
  /** A trial took its first step; `bytes` is what the process holds in memory. Said once. */
  | ({ readonly type: "stepping" } & HeldMemory)
  | PaceAnswer
  | { readonly type: "begin"; readonly id: number }
  | { readonly type: "epoch"; readonly id: number; readonly metrics: EpochMetrics }
  | { readonly type: "outcome"; readonly id: number; readonly outcome: WorkerOutcome }
  /** The study cannot go on: a full disk, a missing data set. The worker ends after this. */
  | {
      readonly type: "fatal";
      readonly id: number;
      readonly message: string;
      readonly code: ErrorCode;
      readonly storage?: string;
    };

/** What a worker process says when it has measured or stands still. */
export type PaceAnswer =
  | { readonly type: "measured"; readonly rate: number }
  | { readonly type: "paused"; readonly still: boolean };

/** As `TrialOutcome`, as far as a coordinator needs it. */
export type WorkerOutcome =
  | { readonly kind: "finished"; readonly result: TrialResult }
  | { readonly kind: "stopped" }
  | { readonly kind: "crashed"; readonly reason: string }
  | { readonly kind: "held"; readonly sure: boolean };

/** Environment variable with the study's folder. */
export const STUDY_VARIABLE = "REGNET_STUDY";
/** Environment variable with the seconds between heartbeats. */
export const INTERVAL_VARIABLE = "REGNET_HEARTBEAT";
