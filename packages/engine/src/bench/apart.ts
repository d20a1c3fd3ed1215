import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ErrorCode, RegnetError } from "@regnet/core";
import { builtModule } from "../builtModule.js";
import type { Measurement, MeasureOptions } from "./measure.js";
import type { Workload } from "./workload.js";

/** What the measuring process is asked and answers. */
export interface Request {
  readonly workload: Workload;
  readonly options: MeasureOptions;
}
export type Reply = { readonly measurement: Measurement } | { readonly error: string; readonly code?: ErrorCode };

/**
 * Measures in a process of its own: its peak memory is the workload's alone, and a crash is an error here.
 *
 * @throws RegnetError with the process's own message, or with how it ended
 */
export function measureApart(workload: Workload, options: MeasureOptions = {}): Promise<Measurement> {
  const child = fork(fileURLToPath(builtModule("bench/process.js")), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    let reply: Reply | undefined;
    child.once("message", (message) => {
      reply = message as Reply;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (!reply)
        reject(new RegnetError(`the measurement on ${workload.engine} ended by ${signal ?? `exit code ${code}`}`));
      else if ("error" in reply) reject(new RegnetError(reply.error, reply.code));
      else resolve(reply.measurement);
    });
    child.send({ workload, options } satisfies Request);
  });
}
