import { createRequire } from "node:module";
import { RegnetError } from "@regnet/core";

export type OnnxRuntime = typeof import("onnxruntime-node");

const require = createRequire(import.meta.url);
let runtime: OnnxRuntime | undefined;

/** What installs the library where it is missing. */
export const REMEDY = "npm install onnxruntime-node";

/**
 * Loads onnxruntime-node once.
 *
 * @throws RegnetError (`missing`) when the package or its native library does not load
 */
export function loadRuntime(): OnnxRuntime {
  if (runtime) return runtime;
  try {
    runtime = require("onnxruntime-node") as OnnxRuntime;
    // What goes wrong is thrown as well; without this the library also prints it.
    runtime.env.logLevel = "fatal";
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new RegnetError(`missing onnxruntime-node (${reason}); run: ${REMEDY}`, "missing", "onnxruntime");
  }
  return runtime;
}

/** Execution providers that the installed library was built with, such as `cpu` and `webgpu`. */
export function providers(): string[] {
  return loadRuntime()
    .listSupportedBackends()
    .map(({ name }) => name);
}
