import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitLatency, type LatencySample, predictLatency } from "./model.js";

const networks = [
  { flops: 2e6, acts: 1e5, depth: 6 },
  { flops: 5e6, acts: 3e5, depth: 14 },
  { flops: 11e6, acts: 2e5, depth: 9 },
  { flops: 20e6, acts: 8e5, depth: 12 },
  { flops: 48e6, acts: 6e5, depth: 20 },
  { flops: 90e6, acts: 1.5e6, depth: 16 },
];

function samplesOf(truth: (n: (typeof networks)[number]) => number): LatencySample[] {
  return networks.map((n, i) => ({ ...n, name: `n${i}`, milliseconds: truth(n) }));
}

describe("latency model", () => {
  it("finds the coefficients of exact data", () => {
    const { model, error, points } = fitLatency(
      samplesOf((n) => 4e-9 * n.flops + 2e-7 * n.acts + 0.01 * n.depth + 0.1),
    );
    expect(model.secondTerm).toBe("acts");
    expect(model.flops).toBeCloseTo(4e-9, 15);
    expect(model.second).toBeCloseTo(2e-7, 12);
    expect(model.depth).toBeCloseTo(0.01, 8);
    expect(model.constant).toBeCloseTo(0.1, 8);
    expect(error).toBeLessThan(1e-6);
    expect(points).toHaveLength(networks.length);
  });

  it("takes √flops where that explains more", () => {
    const { model } = fitLatency(samplesOf((n) => 1e-9 * n.flops + 3e-5 * Math.sqrt(n.flops)));
    expect(model.secondTerm).toBe("sqrtFlops");
    expect(predictLatency(model, { flops: 1e8, acts: 0, depth: 1 })).toBeCloseTo(0.1 + 0.3, 5);
  });

  it("refuses too few samples", () => {
    expect(() => fitLatency(samplesOf(() => 1).slice(0, 4))).toThrow(/at least 5/);
  });

  it("has no coefficient below zero, however the data lie", () => {
    const time = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(time, { minLength: 6, maxLength: 6 }), (times) => {
        const { model } = fitLatency(networks.map((n, i) => ({ ...n, name: `n${i}`, milliseconds: times[i] })));
        expect(Math.min(model.flops, model.second, model.depth, model.constant)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
