import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALIGNMENT, aligned, place } from "./lifetimes.js";

const lifetimes = fc.array(
  fc.record({ bytes: fc.integer({ min: 1, max: 4096 }), start: fc.nat(20), length: fc.nat(10) }).map((block) => ({
    bytes: block.bytes,
    start: block.start,
    end: block.start + block.length,
  })),
  { minLength: 1, maxLength: 40 },
);

describe("placing blocks by their lifetimes", () => {
  it("never lets two that are alive together overlap", () => {
    fc.assert(
      fc.property(lifetimes, (blocks) => {
        const { offsets, bytes } = place(blocks);
        blocks.forEach((a, i) => {
          expect(offsets[i] % ALIGNMENT).toBe(0);
          expect(offsets[i] + a.bytes).toBeLessThanOrEqual(bytes);
          for (let j = 0; j < i; j++) {
            const b = blocks[j];
            if (a.start > b.end || b.start > a.end) continue;
            expect(offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i]).toBe(true);
          }
        });
      }),
    );
  });

  it("gives blocks that follow each other one place", () => {
    const blocks = [0, 1, 2, 3].map((start) => ({ bytes: 1000, start, end: start }));
    expect(place(blocks)).toEqual({ offsets: [0, 0, 0, 0], bytes: aligned(1000) });
  });
});
