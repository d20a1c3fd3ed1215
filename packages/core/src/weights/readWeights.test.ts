import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readWeights } from "./readWeights.js";
import { writeSafetensors } from "./writeSafetensors.js";

const golden = (name: string) => readFileSync(new URL(`./golden/${name}.pth`, import.meta.url));

describe("readWeights", () => {
  it("tells the formats apart by their content", () => {
    const safetensors = writeSafetensors({ half: { shape: [1], data: Float32Array.of(1) } }, { a: "b" });
    expect(readWeights(safetensors).metadata).toEqual({ a: "b" });
    for (const name of ["zip", "legacy"]) expect(Object.keys(readWeights(golden(name)).tensors)).toContain("half");
  });

  it("takes a header of 128 bytes for a header", () => {
    for (let length = 0; length < 90; length++) {
      const file = writeSafetensors({ x: { shape: [1], data: Float32Array.of(1) } }, { a: "b".repeat(length) });
      if (file[0] === 0x80) return expect(readWeights(file).tensors.x.data).toEqual(Float32Array.of(1));
    }
    throw new Error("no header of 128 bytes came about");
  });

  it("refuses anything else", () => {
    expect(() => readWeights(new TextEncoder().encode("\x89HDF\r\n\x1a\n and so on"))).toThrow(/neither a safetensors/);
  });
});
