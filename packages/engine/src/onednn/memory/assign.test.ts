import { describe, expect, it } from "vitest";
import type { PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { PrimitiveStep } from "../plan/step.js";
import { Block, Tensor } from "../plan/tensor.js";
import { assign } from "./assign.js";
import { ALIGNMENT } from "./lifetimes.js";

const BYTES = 4096;
const descriptor = {} as PrimitiveDescriptor;

function tensor(skew = 0): Tensor {
  return new Tensor(new Block(BYTES, skew), {} as MemoryDescriptor);
}

/** A step that writes its result over its operand, if that may be. */
function step(source: Tensor, destination: Tensor): PrimitiveStep {
  const inPlace = [destination, source] as const;
  return {
    kind: "primitive",
    node: "n",
    op: "relu",
    descriptor,
    reads: { source },
    writes: { destination },
    inPlace,
  };
}

describe("settling where blocks lie", () => {
  it("writes a result over an operand that dies with it", () => {
    const [a, b, c] = [tensor(), tensor(), tensor()];
    const { offset, bytes } = assign([], [step(a, b), step(b, c)], []);
    expect([a, b, c].map(({ block }) => offset(block))).toEqual([0, 0, 0]);
    expect(bytes).toBe(BYTES);
  });

  it("starts a skewed block past a multiple of the alignment, not over an operand that is not", () => {
    const [a, b, c] = [tensor(), tensor(16), tensor()];
    const { offset, bytes } = assign([], [step(a, b), step(b, c)], []);
    expect(offset(b.block) % ALIGNMENT).toBe(16);
    expect(Math.abs(offset(b.block) - offset(a.block))).toBeGreaterThanOrEqual(BYTES);
    expect(offset(b.block) + BYTES).toBeLessThanOrEqual(bytes);
    // An ordinary result may lie anywhere.
    expect(offset(c.block)).toBe(offset(b.block));
  });
});
