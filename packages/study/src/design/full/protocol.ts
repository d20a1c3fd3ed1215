import { type ErrorCode, RegnetError } from "@regnet/core";
import { explainStorage, StorageError } from "../../study/storage.js";
import { StudyError } from "../../study/task.js";
import type { DesignImages } from "../context.js";
import type { DesignRequest } from "../options.js";
import type { FullResult, FullTask } from "./fullTrainer.js";

/** What a training process is told: its one task, then perhaps to stop. */
export type ToTrainer =
  | { readonly type: "train"; readonly request: DesignRequest; readonly images: DesignImages; readonly task: FullTask }
  | { readonly type: "stop" };

/** What a training process says. */
export type FromTrainer =
  | { readonly type: "progress"; readonly seconds: number; readonly error?: number }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "done"; readonly result: FullResult }
  | { readonly type: "stopped" }
  /**
   * `storage`: the system's code, where the disk is to blame; `common`: that of anything else that concerns every training.
   * No other one would do better.
   */
  | { readonly type: "failed"; readonly message: string; readonly storage?: string; readonly common?: ErrorCode };

/** What a training process says of an error. `folder`: of its run. */
export function failureOf(error: unknown, folder: string): Extract<FromTrainer, { type: "failed" }> {
  const explained = explainStorage(error, folder);
  if (explained instanceof StorageError)
    return { type: "failed", message: explained.message, storage: explained.systemCode };
  if (error instanceof StudyError) return { type: "failed", message: error.message, common: error.code };
  if (error instanceof RegnetError) return { type: "failed", message: error.message };
  return { type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
