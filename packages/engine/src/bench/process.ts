import { RegnetError } from "@regnet/core";
import type { Reply, Request } from "./apart.js";
import { measure } from "./measure.js";

/** The process that `measureApart` starts: measures one workload and ends. */
process.once("message", (message) => {
  const { workload, options } = message as Request;
  measure(workload, options)
    .then((measurement): Reply => ({ measurement }), failure)
    .then((reply) => process.send?.(reply, undefined, undefined, () => process.disconnect()));
});

function failure(error: unknown): Reply {
  if (error instanceof RegnetError) return { error: error.message, code: error.code };
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
