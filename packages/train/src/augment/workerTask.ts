import type { DataSetHandle } from "../data/dataSet.js";
import type { BatchPlan } from "./batchMaker.js";
import type { Ring } from "./ring.js";
import type { Steps } from "./stepCounter.js";

/** All that a worker is told when it starts. */
export interface WorkerTask {
  readonly handle: DataSetHandle;
  readonly plan: BatchPlan;
  readonly ring: Ring;
  /** Path and content of the packed files, where they cannot be mapped. */
  readonly shared: readonly (readonly [string, SharedArrayBuffer])[];
  /** What its native calls pass through, so that it can be stopped at any time. */
  readonly gate: SharedArrayBuffer;
  /** The loader's, of which it makes, counted from 0 over all passes, the batches first, first + stride, … */
  readonly steps: Steps;
  readonly first: number;
  readonly stride: number;
}
