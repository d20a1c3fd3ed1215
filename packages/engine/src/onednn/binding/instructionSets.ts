/** Names of `dnnl_cpu_isa_t`, in oneDNN 2 and 3. */
const NAMES: Readonly<Record<number, string>> = {
  1: "sse41",
  3: "avx",
  7: "avx2",
  15: "avx512_mic",
  31: "avx512_mic_4ops",
  39: "avx512_core",
  103: "avx512_core_vnni",
  231: "avx512_core_bf16",
  999: "avx512_core_amx",
  1007: "avx512_core_amx_fp16",
  495: "avx512_core_fp16",
  1031: "avx2_vnni",
  3079: "avx2_vnni_2",
};

/** What the instruction set that the library uses means for the engine. */
export interface InstructionSet {
  readonly name: string;
  readonly channelBlock: 8 | 16;
  readonly bf16: boolean;
}

/** From the value of `dnnl_get_effective_cpu_isa`. bfloat16 runs on every AVX-512 core, natively from `…_bf16` on. */
export function instructionSet(code: number): InstructionSet {
  const name = NAMES[code] ?? (process.arch === "x64" ? `x64 (${code})` : process.arch);
  const wide = name.startsWith("avx512_core");
  return { name, channelBlock: wide ? 16 : 8, bf16: wide && name !== "avx512_core" && name !== "avx512_core_vnni" };
}
