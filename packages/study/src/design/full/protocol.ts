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
  | { readonly type: "failed"; readonly message: string };
