import { describe, expect, it } from "vitest";
import { analyse } from "./analyse.js";
import { publishedClaims } from "./comparison.js";
import { informative } from "./ranges.js";
import { SYNTHETIC_BEST, syntheticPopulation } from "./synthetic.js";
import type { FinishedTrial } from "./trial.js";

const narrow = { flops: [2e6, 2.1e6] as const };
const one = syntheticPopulation("RegNetX", 200, narrow);
const better = syntheticPopulation("RegNetY", 200, { ...narrow, shift: -0.02, firstId: 200 });

describe("analyse", () => {
  it("is the same for the same seed", () => {
    expect(analyse(one.slice(0, 40), 3)).toEqual(analyse(one.slice(0, 40), 3));
  });

  it("finds the parameters a population was made best at", () => {
    const ranges = new Map(analyse(one).ranges[0].ranges.map((range) => [range.parameter, range]));
    for (const [parameter, truth] of Object.entries(SYNTHETIC_BEST)) {
      const range = ranges.get(parameter);
      expect(range?.low).toBeLessThanOrEqual(truth);
      expect(range?.high).toBeGreaterThanOrEqual(truth);
    }
    expect(ranges.has("b")).toBe(false);
    expect(informative([...ranges.values()]).map((range) => range.parameter)).toEqual(expect.arrayContaining(["wm"]));
  });

  it("shows a real difference between populations, and no other", () => {
    const [shown] = analyse([...one, ...better]).comparisons;
    expect(shown).toMatchObject({ a: "RegNetX", b: "RegNetY", verdict: "better" });
    expect(shown.interval[0]).toBeLessThan(-0.02);
    expect(shown.interval[1]).toBeLessThan(0);
    const twin = syntheticPopulation("RegNetY", 200, { ...narrow, seed: 7, firstId: 200 });
    const [alike] = analyse([...one, ...twin]).comparisons;
    expect(alike.verdict).toBe("undecided");
    expect(alike.p).toBeGreaterThan(0.05);
  });

  it("lays out one EDF a population with its legend's figures", () => {
    const { edfs } = analyse([...one, ...better]);
    expect(edfs.map(({ population, n }) => [population, n])).toEqual([
      ["RegNetX", 200],
      ["RegNetY", 200],
    ]);
    const errors = one.map(({ error }) => error);
    expect(edfs[0].min).toBe(Math.min(...errors));
    expect(edfs[0].mean).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / 200, 12);
    edfs[0].share.forEach((share, i) => {
      expect(edfs[0].lower[i]).toBeLessThanOrEqual(share);
      expect(edfs[0].upper[i]).toBeGreaterThanOrEqual(share);
    });
  });

  it("makes complexity equal, so that a difference of size alone vanishes", () => {
    const small = syntheticPopulation("small", 300, { flops: [1e6, 3e6] });
    const large = small.map((trial, i): FinishedTrial => ({ ...trial, population: "large", id: 300 + i }));
    const flops = small.map((trial) => trial.complexity.flops);
    const bin = (Math.max(...flops) - Math.min(...flops)) / 10;
    const upper = large.filter((trial) => trial.complexity.flops >= Math.min(...flops) + 3 * bin);
    const { edfs, normalised } = analyse([...small, ...upper]);
    expect(edfs[1].mean).toBeLessThan(edfs[0].mean - 0.002);
    expect(normalised[1].mean).toBeCloseTo(normalised[0].mean, 12);
  });

  it("has fronts for every cost, ascending in cost and falling in error", () => {
    for (const { points, front } of analyse(one).fronts) {
      const steps = front.map((id) => points.find((point) => point.id === id)!);
      steps.slice(1).forEach((step, i) => {
        expect(step.x).toBeGreaterThanOrEqual(steps[i].x);
        expect(step.error).toBeLessThanOrEqual(steps[i].error);
      });
    }
  });

  it("recovers the law acts ∝ √flops from a population that spans budgets", () => {
    const { trends } = analyse(syntheticPopulation("RegNetX", 200, { flops: [1e6, 64e6] }));
    expect(trends.find((trend) => trend.quantity === "acts")?.exponent).toBeCloseTo(0.5, 3);
    expect(analyse(one).trends).toEqual([]);
  });

  it("bears a single trial and none", () => {
    expect(analyse([]).edfs).toEqual([]);
    const alone = analyse(one.slice(0, 1));
    expect(alone.edfs[0].n).toBe(1);
    expect(alone.ranges[0].ranges).toEqual([]);
  });
});

describe("publishedClaims", () => {
  const interval = (low: number, high: number, a = "AnyNetXC", b = "AnyNetXD") => ({
    a,
    b,
    statistic: 0.2,
    p: 0.1,
    difference: (low + high) / 2,
    interval: [low, high] as const,
    verdict: "undecided" as const,
  });

  it("says of a step whether it holds, does not, or cannot be told", () => {
    const here = [interval(-0.03, -0.01), interval(0.01, 0.02), interval(-0.01, 0.01)].map(
      (comparison) => publishedClaims([comparison])[0].here,
    );
    expect(here).toEqual(["holds", "not", "open"]);
  });

  it("calls a simpler space as good where any loss is below the margin", () => {
    const step = (low: number, high: number) => publishedClaims([interval(low, high, "anynetxa", "anynetxb")])[0].here;
    expect([step(-0.02, 0.005), step(0.012, 0.03), step(-0.01, 0.02)]).toEqual(["holds", "not", "open"]);
  });
});
