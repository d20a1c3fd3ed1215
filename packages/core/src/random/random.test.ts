import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { below, randomFor, uniform } from "./random.js";

describe("randomFor", () => {
  it("gives the same numbers for ever, for studies are to be drawn again", () => {
    const random = randomFor(42, "example");
    expect([1, 2, 3, 4].map(() => random.next())).toEqual([-368747418, -1890704471, -1039238490, -1278656586]);
    expect(uniform(randomFor(1))).toBe(0.8854501368477941);
    expect(uniform(randomFor(2 ** 40 + 1))).toBe(0.6423403485678136);
  });

  it("depends on the seed, on all of its bits, and on the purpose", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.string(), fc.string(), (a, b, p, q) => {
        const four = (seed: number, purpose: string) => {
          const random = randomFor(seed, purpose);
          return [0, 1, 2, 3].map(() => random.next()).join();
        };
        expect(four(a, p)).toBe(four(a, p));
        if (a !== b) expect(four(a, p)).not.toBe(four(b, p));
        if (p !== q) expect(four(a, p)).not.toBe(four(a, q));
      }),
      { numRuns: 300 },
    );
  });

  it("spreads evenly, from one number to the next and from one seed to the next", () => {
    const one = randomFor(3, "spread");
    const sources = [
      () => uniform(one),
      (
        (seed) => () =>
          uniform(randomFor(seed++, "spread"))
      )(0),
    ];
    for (const next of sources) {
      const bins = new Array<number>(16).fill(0);
      for (let i = 0; i < 16_000; i++) bins[Math.floor(next() * 16)]++;
      const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(chiSquare).toBeLessThan(37.7); // 15 degrees of freedom, one in a thousand
    }
  });
});

describe("below", () => {
  it("stays below", () => {
    const random = randomFor(4);
    const seen = new Set(Array.from({ length: 200 }, () => below(random, 5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
