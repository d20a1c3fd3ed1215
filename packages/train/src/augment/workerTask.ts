import type { DataSetHandle } from "../data/dataSet.js";
import type { BatchPlan } from "./batchMaker.js";
import type { Ring } from "./ring.js";

/** All that a worker is told when it starts. */
export interface WorkerTask {
  readonly handle: DataSetHandle;
  readonly plan: BatchPlan;
  readonly ring: Ring;
  /** Path and content of the packed files, where they cannot be mapped. */
  readonly shared: readonly (readonly [string, SharedArrayBuffer])[];
  /** Its steps: first, first + stride, … below end. */
  readonly first: number;
  readonly stride: number;
  readonly end: number;
}
