import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomFor } from "../random/random.js";
import { Draw, RisingDraw } from "./distribution.js";
import { findSampler, normalise, type SampledRange, samplers } from "./samplers.js";

function distribution(name: string, range: SampledRange) {
  return normalise(findSampler(name).weigh(range));
}

describe("samplers", () => {
  it("make ascending values within the range whose probabilities sum to 1", () => {
    const ranges = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 }))
      .map(([low, more, quantum]) => ({
        min: 2 ** (low + quantum),
        max: 2 ** (low + quantum + more),
        quantum: 2 ** quantum,
      }));
    fc.assert(
      fc.property(fc.constantFrom(...samplers), ranges, (sampler, range) => {
        expect(sampler.refuse(range)).toBeUndefined();
        const { values, probabilities } = normalise(sampler.weigh(range));
        expect(values[0]).toBe(range.min);
        expect(values[values.length - 1]).toBe(range.max);
        expect(values.every((value, i) => i === 0 || value > values[i - 1])).toBe(true);
        expect(probabilities.every((p) => p > 0)).toBe(true);
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
      }),
      { numRuns: 500 },
    );
  });

  it("are what their names say", () => {
    const share = (name: string, range: SampledRange, below: number) => {
      const { values, probabilities } = distribution(name, range);
      return values.reduce((sum, value, i) => sum + (value <= below ? probabilities[i] : 0), 0);
    };
    expect(share("uniform", { min: 1, max: 100, quantum: 1 }, 25)).toBeCloseTo(0.25, 12);
    expect(share("logUniform", { min: 8, max: 1024, quantum: 8 }, 64)).toBeCloseTo(Math.log(16) / Math.log(256), 12);
    expect(share("powerOfTwo", { min: 1, max: 32, quantum: 1 }, 4)).toBeCloseTo(0.5, 12);
    expect(share("powerOfTwoOrLog", { min: 1, max: 128, quantum: 8 }, 4)).toBeCloseTo(3 / 8, 12);
    expect(share("normal", { min: 0, max: 60, quantum: 1 }, 40)).toBeCloseTo(0.853, 2);
    expect(share("logNormal", { min: 1, max: 1000, quantum: 1 }, 31)).toBeCloseTo(0.5, 2);
    expect(distribution("uniform", { min: 0, max: 0.5, quantum: 0.1 }).values).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it("suggest the nearest name", () => {
    expect(() => findSampler("logunifrm")).toThrow('unknown sampler: "logunifrm" (did you mean "logUniform"?)');
  });
});

const draws = 60_000;

function frequencies(next: () => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const key = next();
    counts.set(key, (counts.get(key) ?? 0) + 1 / draws);
  }
  return counts;
}

/** Six standard deviations of a frequency. */
function tolerance(p: number): number {
  return 6 * Math.sqrt((p * (1 - p)) / draws);
}

describe("Draw", () => {
  it("draws every value as often as it is likely", () => {
    const logUniform = distribution("logUniform", { min: 8, max: 64, quantum: 8 });
    const draw = new Draw(logUniform);
    const random = randomFor(1, "draw");
    const seen = frequencies(() => String(draw.next(random)));
    logUniform.values.forEach((value, i) => {
      const p = logUniform.probabilities[i];
      expect(Math.abs((seen.get(String(value)) ?? 0) - p)).toBeLessThan(tolerance(p));
    });
  });
});

describe("RisingDraw", () => {
  it("draws as drawing again until the values rise would", () => {
    const values = distribution("logUniform", { min: 1, max: 4, quantum: 1 });
    const expected = new Map<string, number>();
    let total = 0;
    const { values: v, probabilities: p } = values;
    for (let a = 0; a < 4; a++)
      for (let b = a; b < 4; b++)
        for (let c = b; c < 4; c++) {
          expected.set([v[a], v[b], v[c]].join(), p[a] * p[b] * p[c]);
          total += p[a] * p[b] * p[c];
        }
    const rising = new RisingDraw(values, 3);
    const random = randomFor(2, "rising");
    const drawn = [0, 0, 0];
    const seen = frequencies(() => {
      rising.next(random, drawn);
      return drawn.join();
    });
    expect([...seen.keys()].every((key) => expected.has(key))).toBe(true);
    for (const [key, weight] of expected) {
      const probability = weight / total;
      expect(Math.abs((seen.get(key) ?? 0) - probability)).toBeLessThan(tolerance(probability));
    }
  });
});
