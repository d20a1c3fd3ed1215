import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { powersOfTwo, ticksOf } from "./ticks.js";

describe("ticksOf", () => {
  it("takes round numbers", () => {
    expect(ticksOf(0.273, 0.541)).toEqual([0.3, 0.35, 0.4, 0.45, 0.5]);
    expect(ticksOf(5.2, 22.8, { integer: true })).toEqual([10, 15, 20]);
    expect(ticksOf(1, 4, { integer: true })).toEqual([1, 2, 3, 4]);
    expect(ticksOf(1.96e6, 4.13e6, { log: true })).toEqual([2e6, 2.5e6, 3e6, 4e6]);
    expect(ticksOf(0.9, 40, { log: true })).toEqual([1, 3, 10, 30]);
  });

  it("stays within the bounds, ascending, a handful", () => {
    const bounds = fc.tuple(
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      fc.double({ min: 1.01, max: 1e5, noNaN: true }),
    );
    fc.assert(
      fc.property(bounds, fc.boolean(), ([min, ratio], log) => {
        const max = min * ratio;
        const ticks = ticksOf(min, max, { log });
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(12);
        ticks.forEach((tick, i) => {
          expect(tick).toBeGreaterThanOrEqual(min * (1 - 1e-6));
          expect(tick).toBeLessThanOrEqual(max * (1 + 1e-6));
          if (i > 0) expect(tick).toBeGreaterThan(ticks[i - 1]);
        });
      }),
    );
  });
});

it("powersOfTwo covers its bounds", () => expect(powersOfTwo(8, 300)).toEqual([8, 16, 32, 64, 128, 256]));
