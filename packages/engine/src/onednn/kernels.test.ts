import { describe, expect, it } from "vitest";
import { engineContract } from "../testing/index.js";

// contract.test.ts runs what this processor runs. Here are the kernels that it does not: those of our own for AVX2 where the library
// would take larger vectors, else the library's.
const { instructionSet } = await (async () => {
  process.env.ONEDNN_MAX_CPU_ISA = "AVX2";
  const { library } = await import("./library.js");
  return library();
})();
const { readFileSync } = await import("node:fs");
const isWide = process.platform === "linux" && /\bavx512f\b/.test(readFileSync("/proc/cpuinfo", "latin1"));
if (!isWide) process.env.REGNET_KERNELS = "onednn";
const { onednn } = await import("./engine.js");

describe("the other kernels", () => {
  it("are for vectors of 256 bits at most", () => {
    expect(instructionSet).not.toMatch(/avx512/);
  });
});

engineContract(onednn, { describe, it }, { compile: { threads: 2 } });
