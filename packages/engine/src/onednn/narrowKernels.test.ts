import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineContract } from "../testing/index.js";

// contract.test.ts runs kernels for the largest vectors that this processor has. Where they have 512 bits, those for 256 run here.
process.env.ONEDNN_MAX_CPU_ISA = "AVX2";
const { onednn } = await import("./engine.js");
const isWide = process.platform === "linux" && /\bavx512f\b/.test(readFileSync("/proc/cpuinfo", "latin1"));

describe.runIf(isWide)("kernels for vectors of 256 bits", () => {
  it("are not for larger ones", () => {
    expect(onednn.probe()).toMatchObject({ available: true, instructionSet: expect.stringMatching(/^avx2/) });
  });

  engineContract(onednn, { describe, it }, { compile: { threads: 2 } });
});
