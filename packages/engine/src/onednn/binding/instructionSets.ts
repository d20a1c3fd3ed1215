import { readFileSync } from "node:fs";

/** Names of `dnnl_cpu_isa_t` that oneDNN 2 and 3 agree on. */
const SHARED: Readonly<Record<number, string>> = {
  1: "sse41",
  3: "avx",
  7: "avx2",
  39: "avx512_core",
  103: "avx512_core_vnni",
  231: "avx512_core_bf16",
};

const NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  2: { 15: "avx512_mic", 31: "avx512_mic_4ops", 487: "avx512_core_fp16", 999: "avx512_core_amx", 1031: "avx2_vnni" },
  3: {
    15: "avx2_vnni",
    31: "avx2_vnni_2",
    495: "avx512_core_fp16",
    4079: "avx512_core_amx",
    8175: "avx512_core_amx_fp16",
  },
};

const WITHOUT_BF16 = ["avx512_core", "avx512_core_vnni"];

/** Channels that lie side by side in the layout of images. */
export type ChannelBlock = 8 | 16;

/** What the instruction set that the library uses means for the engine. */
export interface InstructionSet {
  readonly name: string;
  /** Blocks that there are fast kernels for; what wide groups like best first. */
  readonly channelBlocks: readonly ChannelBlock[];
  /** True where bfloat16 products are instructions of the processor. */
  readonly bf16: boolean;
  /** True where the processor multiplies tiles of bfloat16 (AMX). */
  readonly tiles: boolean;
}

/** From the value of `dnnl_get_effective_cpu_isa` of a major version. */
export function instructionSet(code: number, major: number): InstructionSet {
  const name = nameOf(code, { ...SHARED, ...NAMES[major] });
  const wide = name.startsWith("avx512_core");
  const channelBlocks: ChannelBlock[] = wide ? (hasHalfWideUnits() ? [16, 8] : [16]) : [8];
  const tiles = name.startsWith("avx512_core_amx");
  return { name, channelBlocks, bf16: wide && !WITHOUT_BF16.includes(name), tiles };
}

/** A code's bits are those of all sets it includes: one that is not listed, as newer libraries have, is the best listed one. */
function nameOf(code: number, names: Readonly<Record<number, string>>): string {
  if (code in names || process.arch !== "x64") return names[code] ?? process.arch;
  const included = Object.keys(names)
    .map(Number)
    .filter((listed) => (code & listed) === listed);
  const best = included.reduce((a, b) => (bitCount(b) > bitCount(a) ? b : a), 0);
  return names[best] ?? `x64 (${code})`;
}

function bitCount(code: number): number {
  return code.toString(2).replaceAll("0", "").length;
}

/**
 * Of processors with AVX-512, true for AMD's Zen 4 (the only one of family 25), whose units take two cycles for a vector of
 * 512 bits, so that two of 256 bits are as fast. Where the system does not say, false.
 */
function hasHalfWideUnits(): boolean {
  try {
    const text = readFileSync("/proc/cpuinfo", "latin1");
    return /^vendor_id\s*: AuthenticAMD$/m.test(text) && /^cpu family\s*: 25$/m.test(text);
  } catch {
    return false;
  }
}
