import type { Graph } from "@regnet/core";
import type { CompileOptions, KernelTiming, MemoryUse } from "../../engine.js";

/** What the thread is started with. */
export interface WorkerTask {
  readonly graph: Graph;
  readonly options: CompileOptions;
  /** What its native calls pass through, so that the process can end at any time. */
  readonly gate: SharedArrayBuffer;
}

/** What the thread says first. The arrays lie in shared memory: both sides see one copy. */
export interface Compiled {
  readonly inputs: ReadonlyMap<string, Float32Array>;
  readonly outputs: ReadonlyMap<string, Float32Array>;
  readonly memory: MemoryUse;
  readonly notes: readonly string[];
}

/** `read` and `write` pass values through `values`, and wake the asking thread through `signal`. */
export type Request =
  | { readonly id: number; readonly do: "run" | "profile" }
  | { readonly do: "read" | "write"; readonly name: string; readonly values: Float32Array; readonly signal: Int32Array }
  | { readonly do: "dispose" };

/** Why a request failed, in a form that threads can exchange. */
export interface Failure {
  readonly message: string;
  /** The code of a `RegnetError`; undefined for defects. */
  readonly code?: string;
  readonly path?: string;
}

export type Reply =
  | { readonly compiled: Compiled }
  | { readonly id: number; readonly timings?: readonly KernelTiming[] }
  | { readonly id?: number; readonly failure: Failure };

/** Values of a request's `signal`. */
export const SIGNAL = { waiting: 0, done: 1, failed: 2 } as const;
