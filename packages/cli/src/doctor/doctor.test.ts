import type { Availability } from "@regnet/engine";
import { describe, expect, it } from "vitest";
import { type Diagnosis, examine, remedyFor } from "./examine.js";
import { formatDiagnosis } from "./text.js";

const fast: Availability = {
  available: true,
  engine: "onednn",
  version: "2.6.3",
  instructionSet: "avx512_core",
  threads: 2,
  precisions: ["fp32", "bf16"],
};
const portable: Availability = { ...fast, engine: "onnxruntime", version: "1.30.0", precisions: ["fp32"] };
const absent: Availability = {
  available: false,
  engine: "onednn",
  reason: "no libdnnl",
  remedy: "apt install libdnnl2",
};

function diagnosis(engines: readonly Availability[]): Diagnosis {
  return {
    node: "v20.9.0",
    platform: "linux x64",
    processor: "A processor",
    processors: 2,
    threads: 1,
    memory: 2 ** 33,
    engines,
    chosen: engines.find(({ available }) => available)?.engine,
    cache: { folder: "/home/a/.cache/regnet", bytes: 0, entries: 0, writable: true },
    remedy: remedyFor(engines),
  };
}

describe("doctor", () => {
  it("names what would make it faster", () => {
    const text = formatDiagnosis(diagnosis([absent, portable]));
    expect(text).toContain("✗ onednn: no libdnnl");
    expect(text).toContain("✓ onnxruntime 1.30.0 (avx512_core), fp32, the one that auto takes");
    expect(text).toMatch(/This would make it faster:\n {2}apt install libdnnl2$/);
  });

  it("has no remedy where the fastest engine runs", () => {
    const missing: Availability = { available: false, engine: "onnxruntime", reason: "gone", remedy: "npm install" };
    expect(remedyFor([fast, portable])).toBeUndefined();
    expect(remedyFor([fast, missing])).toBeUndefined();
    expect(formatDiagnosis(diagnosis([fast, portable]))).toContain("The fastest engine is in use");
  });

  it("says where kernels of our own run", () => {
    const avx2: Availability = { ...fast, instructionSet: "avx2", precisions: ["fp32"], ownKernels: true };
    expect(formatDiagnosis(diagnosis([avx2, portable]))).toContain(
      "✓ onednn 2.6.3 (avx2), fp32, kernels of our own, the one that auto takes",
    );
  });

  it("says so when nothing can run", () => {
    expect(formatDiagnosis(diagnosis([absent]))).toContain("No engine can run here");
  });

  it("examines this machine", async () => {
    const found = await examine();
    expect(found.engines.map(({ engine }) => engine)).toEqual(["onednn", "onnxruntime"]);
    expect(found.chosen).toBeDefined();
    expect(found.processors).toBeGreaterThanOrEqual(found.threads);
  });
});
