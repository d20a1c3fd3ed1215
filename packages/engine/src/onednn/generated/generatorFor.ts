import { RegnetError } from "@regnet/core";
import { AVX2, AVX512 } from "../../machineCode/blocks.js";
import type { Dnn } from "../binding/dnn.js";
import type { ChannelBlock } from "../binding/instructionSets.js";
import { loadCode } from "../memory/executableMemory.js";
import { threadTeam } from "../openmp.js";
import { BlockKernels } from "./blockKernels.js";
import type { KernelGenerator } from "./generatedKernel.js";

/** Set to `onednn`, has the library's kernels compute everything. */
const VARIABLE = "REGNET_KERNELS";

/**
 * Kernels of our own for so many threads and for images in such blocks, or undefined where they do not run or are not wanted.
 *
 * @throws RegnetError when `REGNET_KERNELS` is set to something else than `onednn`
 */
export function generatorFor(dnn: Dnn, threads: number, channelBlock: ChannelBlock): KernelGenerator | undefined {
  const wanted = process.env[VARIABLE];
  if (wanted && wanted !== "onednn") {
    throw new RegnetError(`invalid ${VARIABLE}: got ${wanted}, expected onednn, or unset`, "invalid", VARIABLE);
  }
  const vectors = channelBlock === AVX512.lanes ? AVX512 : AVX2;
  return runsOwnKernels(dnn) ? new BlockKernels(dnn, { vectors, threads }) : undefined;
}

/** Whether kernels of our own run: they are for x86-64 with vectors of 256 bits or more, under an OpenMP that GNU's compilers know. */
export function runsOwnKernels({ instructionSet, openmp }: Dnn): boolean {
  const isKnown = process.arch === "x64" && process.platform !== "win32" && /^avx(2|512_core)/.test(instructionSet);
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
