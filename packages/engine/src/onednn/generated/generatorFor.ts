import type { Dnn } from "../binding/dnn.js";
import { loadCode } from "../memory/executableMemory.js";
import { threadTeam } from "../openmp.js";
import { Avx2Kernels } from "./avx2Kernels.js";
import type { KernelGenerator } from "./generatedKernel.js";

/** Set to `onednn`, has the library's kernels compute everything. */
export const KERNELS_VARIABLE = "REGNET_KERNELS";

/**
 * Kernels of our own for this processor and so many threads, or undefined: they are for x86-64 with vectors of 256 bits, under an
 * OpenMP that GNU's compilers know. With larger vectors the library's are taken.
 */
export function generatorFor(dnn: Dnn, threads: number): KernelGenerator | undefined {
  const isWanted = process.env[KERNELS_VARIABLE] !== "onednn" && dnn.instructionSet.startsWith("avx2");
  const isKnown = process.arch === "x64" && process.platform !== "win32";
  const runs = isWanted && isKnown && dnn.openmp && threadTeam() !== undefined && mayRunCode();
  return runs ? new Avx2Kernels(dnn, threads) : undefined;
}

const RETURN = 0xc3;
let allowed: boolean | undefined;

/** Whether the system lets a process run code that it has written: some are set up not to. */
function mayRunCode(): boolean {
  if (allowed === undefined) {
    try {
      loadCode([Uint8Array.of(RETURN)]).release();
      allowed = true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}
