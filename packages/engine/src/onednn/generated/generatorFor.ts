import { RegnetError } from "@regnet/core";
import type { Dnn } from "../binding/dnn.js";
import { loadCode } from "../memory/executableMemory.js";
import { threadTeam } from "../openmp.js";
import { Avx2Kernels } from "./avx2Kernels.js";
import type { KernelGenerator } from "./generatedKernel.js";

/** Set to `onednn`, has the library's kernels compute everything. */
const VARIABLE = "REGNET_KERNELS";

/**
 * Kernels of our own for so many threads, or undefined where they do not run or are not wanted.
 *
 * @throws RegnetError when `REGNET_KERNELS` is set to something else than `onednn`
 */
export function generatorFor(dnn: Dnn, threads: number): KernelGenerator | undefined {
  const wanted = process.env[VARIABLE];
  if (wanted && wanted !== "onednn") {
    throw new RegnetError(`invalid ${VARIABLE}: got ${wanted}, expected onednn, or unset`, "invalid", VARIABLE);
  }
  return runsOwnKernels(dnn) ? new Avx2Kernels(dnn, threads) : undefined;
}

/**
 * Whether kernels of our own run: they are for x86-64 with vectors of 256 bits, under an OpenMP that GNU's compilers know. With
 * larger vectors the library's are taken.
 */
export function runsOwnKernels({ instructionSet, openmp }: Dnn): boolean {
  const isKnown = process.arch === "x64" && process.platform !== "win32" && instructionSet.startsWith("avx2");
  return isKnown && openmp && !process.env[VARIABLE] && threadTeam() !== undefined && mayRunCode();
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
