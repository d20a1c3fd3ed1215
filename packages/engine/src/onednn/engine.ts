import { type Graph, RegnetError } from "@regnet/core";
import type { Availability, CompileOptions, Engine, Executable } from "../engine.js";
import { defaultThreads } from "../threads.js";
import { installHint } from "./binding/library.js";
import { KOFFI_REMEDY } from "./binding/native.js";
import { compileHere, soundLibrary } from "./compile.js";
import { runsOwnKernels } from "./generated/generatorFor.js";

/**
 * oneDNN's kernels, called through koffi. Runs in the calling thread: `run` resolves when its work is done, and the
 * event loop waits meanwhile. `compileInWorker` keeps it free.
 */
export const onednn: Engine = {
  id: "onednn",

  probe(): Availability {
    try {
      const dnn = soundLibrary();
      const { version, instructionSet, bf16 } = dnn;
      return {
        available: true,
        engine: "onednn",
        version,
        instructionSet,
        threads: defaultThreads(),
        ownKernels: runsOwnKernels(dnn),
        precisions: bf16 ? ["fp32", "bf16"] : ["fp32"],
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { available: false, engine: "onednn", reason, ...remedyFor(error) };
    }
  },

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
    return compileHere(graph, options);
  },
};

/** The command that would change it, if there is one. */
function remedyFor(error: unknown): { remedy?: string } {
  if (!(error instanceof RegnetError)) return { remedy: installHint };
  if (error.code !== "missing") return {};
  return { remedy: error.path === "koffi" ? KOFFI_REMEDY : installHint };
}
