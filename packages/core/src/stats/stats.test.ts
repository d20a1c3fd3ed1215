import fc from "fast-check";
import { linearRegression, linearRegressionLine, rSquared, uniqueCountSorted } from "simple-statistics";
import { describe, expect, it } from "vitest";
import pycls from "../families/golden/pycls.json" with { type: "json" };
import { randomFor, uniform } from "../random/random.js";
import { bestOfK } from "./bestOf.js";
import { bootstrapBest, bootstrapRange } from "./bootstrap.js";
import { complexityWeights } from "./complexityWeights.js";
import { bootstrapBand, dkwBand, edf, edfAt } from "./edf.js";
import { ksTest } from "./kolmogorovSmirnov.js";
import { leastSquares } from "./leastSquares.js";
import { paretoFront } from "./pareto.js";
import { quantile } from "./quantile.js";
import { fitQuantisedLinear } from "./quantisedLinear.js";

const errors = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 });

describe("edf", () => {
  it("counts strictly smaller errors, as the paper does", () => {
    fc.assert(
      fc.property(errors, fc.integer({ min: -1, max: 41 }), (sample, at) => {
        const expected = sample.filter((error) => error < at).length / sample.length;
        expect(edfAt(edf(sample), at)).toBeCloseTo(expected, 12);
        const weighted = edf(
          sample,
          sample.map(() => 2),
        );
        expect(edfAt(weighted, at)).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("has one step a distinct error and ends at 1", () => {
    fc.assert(
      fc.property(errors, (sample) => {
        const { errors: steps, shares } = edf(sample);
        expect(steps).toHaveLength(uniqueCountSorted(sample.toSorted((a, b) => a - b)));
        expect(shares.at(-1)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("refuses what is no population", () => {
    expect(() => edf([])).toThrow("invalid errors: got [], expected at least one");
    expect(() => edf([1, Number.NaN])).toThrow(/expected finite numbers; leave failed trials out/);
    expect(() => edf([1, 2], [1])).toThrow(/one for each of 2 errors/);
  });

  it("bands cover the true distribution as often as they say", () => {
    const random = randomFor(1, "band");
    let [dkw, bootstrap] = [0, 0];
    for (let round = 0; round < 200; round++) {
      const sample = Array.from({ length: 50 }, () => uniform(random));
      const full = edf(sample);
      const wide = dkwBand(full);
      if (full.errors.every((e, i) => e >= wide.lower[i] - 1 / 50 && e <= wide.upper[i])) dkw++;
      const narrow = bootstrapBand(sample, random, { draws: 100 });
      if (full.errors[25] >= narrow.lower[25] - 1 / 50 && full.errors[25] <= narrow.upper[25]) bootstrap++;
    }
    expect(dkw).toBeGreaterThanOrEqual(188);
    expect(bootstrap).toBeGreaterThan(175);
  });

  it("bootstrap bands are the quantiles of the binomial distribution that resampling has", () => {
    const sample = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
    const { lower, upper } = bootstrapBand(sample, randomFor(2), { draws: 20_000 });
    for (const [k, share] of edf(sample).shares.entries()) {
      expect(Math.abs(lower[k] - binomialQuantile(40, share, 0.025) / 40)).toBeLessThanOrEqual(1 / 40);
      expect(Math.abs(upper[k] - binomialQuantile(40, share, 0.975) / 40)).toBeLessThanOrEqual(1 / 40);
    }
  });

  it("bootstrap bands of a weighted EDF lie about it, and equal weights change nothing", () => {
    const sample = Array.from({ length: 30 }, (_, i) => i);
    const alike = sample.map(() => 1 / 30);
    const plain = bootstrapBand(sample, randomFor(4), { draws: 200 });
    const weighted = bootstrapBand(sample, randomFor(4), { draws: 200, weights: alike });
    weighted.lower.forEach((height, k) => {
      expect(height).toBeCloseTo(plain.lower[k], 12);
    });
    const weights = sample.map((i) => (i < 15 ? 3 : 1));
    const { shares } = edf(sample, weights);
    const { lower, upper } = bootstrapBand(sample, randomFor(4), { weights });
    shares.forEach((share, k) => {
      expect(lower[k]).toBeLessThanOrEqual(share);
      expect(upper[k]).toBeGreaterThanOrEqual(share);
    });
    expect(upper[14]).toBeLessThan(0.95);
    expect(lower[14]).toBeGreaterThan(0.5);
  });
});

/** Least k with P(X ≤ k) ≥ q, by summing. */
function binomialQuantile(n: number, p: number, q: number): number {
  let [reached, mass] = [0, (1 - p) ** n];
  for (let k = 0; k < n; k++) {
    reached += mass;
    if (reached >= q) return k;
    mass *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  return n;
}

describe("ksTest", () => {
  it("agrees with counting every arrangement of two small samples", () => {
    const a = [1, 2, 6];
    const b = [3, 4, 5, 7];
    const all = [1, 2, 3, 4, 5, 6, 7];
    const subsets = all.flatMap((x) => all.flatMap((y) => all.flatMap((z) => (x < y && y < z ? [[x, y, z]] : []))));
    const observed = ksTest(a, b);
    const asFar = subsets.filter((s) => {
      const rest = all.filter((value) => !s.includes(value));
      return ksTest(s, rest).statistic >= observed.statistic - 1e-12;
    });
    expect(observed.statistic).toBeCloseTo(2 / 3, 12);
    expect(observed.pValue).toBeCloseTo(asFar.length / subsets.length, 12);
  });

  it("is 1 for equal samples and tiny for separated ones", () => {
    const sample = Array.from({ length: 50 }, (_, i) => i);
    expect(ksTest(sample, sample)).toMatchObject({ statistic: 0, pValue: 1 });
    const apart = ksTest(
      sample,
      sample.map((x) => x + 100),
    );
    expect(apart.statistic).toBe(1);
    expect(apart.pValue).toBeLessThan(1e-20);
  });

  it("meets Kolmogorov's limit at large samples", () => {
    const random = randomFor(3, "ks");
    const a = Array.from({ length: 1001 }, () => uniform(random));
    const b = Array.from({ length: 997 }, () => uniform(random) * 0.97);
    const exact = ksTest(a, b);
    const limit = ksTest([...a, 2], [...b, 0.5, 0.6, 0.7, 0.8]);
    expect(Math.abs(exact.pValue - limit.pValue)).toBeLessThan(0.05);
  });
});

describe("bootstrap", () => {
  it("finds where the best value lies", () => {
    const random = randomFor(5);
    const values = Array.from({ length: 300 }, () => uniform(random) * 4);
    const range = bootstrapRange(
      values,
      values.map((x) => (x - 2.5) ** 2 + 0.05 * uniform(random)),
      random,
    );
    expect(range.median).toBeGreaterThan(2.2);
    expect(range.median).toBeLessThan(2.8);
    expect(range.low).toBeLessThan(range.median);
    expect(range.high).toBeGreaterThan(range.median);
  });

  it("is the same for the same seed", () => {
    const sample = [3, 1, 2, 5, 4];
    expect(bootstrapBest(sample, randomFor(9))).toEqual(bootstrapBest(sample, randomFor(9)));
    expect(new Set(bootstrapBest(sample, randomFor(9), { share: 1, draws: 500 })).has(1)).toBe(true);
  });
});

describe("bestOfK", () => {
  it("is the mean at 1, the least at n, and falls between", () => {
    fc.assert(
      fc.property(errors, (sample) => {
        const all = bestOfK(
          sample,
          sample.map((_, i) => i + 1),
        );
        expect(all[0].mean).toBeCloseTo(sample.reduce((a, b) => a + b, 0) / sample.length, 9);
        expect(all.at(-1)?.mean).toBeCloseTo(Math.min(...sample), 9);
        all.slice(1).forEach(({ mean }, i) => {
          expect(mean).toBeLessThanOrEqual(all[i].mean + 1e-9);
        });
      }),
    );
  });

  it("agrees with all pairs", () => {
    const sample = [5, 1, 4, 9];
    const pairs = [1, 4, 5, 1, 1, 4].reduce((a, b) => a + b, 0) / 6;
    expect(bestOfK(sample, [2])[0].mean).toBeCloseTo(pairs, 12);
  });
});

describe("complexityWeights", () => {
  it("gives every shared bin of every population the same weight", () => {
    const [a, b] = complexityWeights(
      [
        [1, 1, 1, 9, 5],
        [1, 9, 9],
      ],
      { bins: 2 },
    );
    expect(a).toEqual([1 / 6, 1 / 6, 1 / 6, 1 / 4, 1 / 4]);
    expect(b).toEqual([1 / 2, 1 / 4, 1 / 4]);
  });

  it("refuses populations that do not overlap", () => {
    expect(() => complexityWeights([[1, 2], [100]], { bins: 4 })).toThrow(/no common range of complexity/);
  });
});

describe("leastSquares", () => {
  it("agrees with simple-statistics on a line", () => {
    const point = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }));
    fc.assert(
      fc.property(fc.uniqueArray(point, { minLength: 3, maxLength: 30, selector: ([x]) => x }), (points) => {
        const { coefficients, r2 } = leastSquares(
          points.map(([x]) => [1, x]),
          points.map(([, y]) => y),
        );
        const { m, b } = linearRegression(points);
        expect(coefficients[0]).toBeCloseTo(b, 6);
        expect(coefficients[1]).toBeCloseTo(m, 6);
        if (new Set(points.map(([, y]) => y)).size > 1) {
          expect(r2).toBeCloseTo(rSquared(points, linearRegressionLine({ m, b })), 6);
        }
      }),
    );
  });

  it("keeps coefficients at or above zero when asked", () => {
    const rows = [1, 2, 3, 4].map((x) => [1, x, x * x]);
    const { coefficients } = leastSquares(rows, [4, 3, 2, 1], { nonNegative: true });
    expect(Math.min(...coefficients)).toBe(0);
    expect(coefficients[0]).toBeCloseTo(2.5, 9);
  });

  it("copes with columns that depend on each other", () => {
    const { coefficients, residual } = leastSquares(
      [1, 2, 3].map((x) => [x, 2 * x]),
      [2, 4, 6],
    );
    expect(coefficients[0] + 2 * coefficients[1]).toBeCloseTo(2, 9);
    expect(residual).toBeLessThan(1e-9);
  });
});

describe("paretoFront", () => {
  it("keeps exactly the points that nothing beats", () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(points, (sample) => {
        const front = paretoFront(
          sample.map(([x]) => x),
          sample.map(([, y]) => y),
        );
        const beaten = ([x, y]: [number, number]) => sample.some(([u, v]) => u <= x && v <= y && (u < x || v < y));
        const expected = new Set(sample.filter((point) => !beaten(point)).map(String));
        expect(new Set(front.map((i) => String(sample[i])))).toEqual(expected);
        expect(front).toHaveLength(expected.size);
      }),
    );
  });
});

describe("quantile", () => {
  it("interpolates linearly", () => expect(quantile([1, 2, 4], 0.75)).toBe(3));
});

describe("fitQuantisedLinear", () => {
  it.each(pycls.slice(0, 12))("fits $name nearly perfectly", ({ widths, depths }) => {
    expect(fitQuantisedLinear({ widths, depths }).error).toBeLessThan(0.06);
  });

  it("cannot fit widths that fall", () => {
    expect(fitQuantisedLinear({ widths: [256, 64, 128, 32], depths: [4, 4, 4, 4] }).error).toBeGreaterThan(0.4);
  });
});
