import type { DataSetHandle } from "@regnet/train";
import type { EpochMetrics, TrialResult } from "../study/trial.js";
import type { ProbeTask } from "./speedProbe.js";

/** What a worker process is told. */
export type ToWorker =
  | { readonly type: "trial"; readonly id: number; readonly images?: DataSetHandle }
  /** Gets ready to measure its speed. */
  | { readonly type: "probe"; readonly task: ProbeTask }
  /** Trains for so long, and forgets about it. */
  | { readonly type: "measure"; readonly seconds: number }
  | { readonly type: "stop" };

/** What a worker process says. One `outcome` for every `trial`, in order, unless it dies. */
export type FromWorker =
  | { readonly type: "ready" }
  /** Is ready to measure; `bytes` is what the process will hold in memory in a trial. Absent where it cannot do the task. */
  | { readonly type: "probed"; readonly bytes?: number }
  /** Steps a second. */
  | { readonly type: "measured"; readonly rate: number }
  | { readonly type: "begin"; readonly id: number }
  | { readonly type: "epoch"; readonly id: number; readonly metrics: EpochMetrics }
  | { readonly type: "outcome"; readonly id: number; readonly outcome: WorkerOutcome }
  /** The study cannot go on: a full disk, a missing data set. The worker ends after this. */
  | {
      readonly type: "fatal";
      readonly id: number;
      readonly message: string;
      readonly code: string;
      readonly storage?: string;
    };

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
