import { linearRegression } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { analyse } from "./analyse.js";
import { publishedClaims } from "./comparison.js";
import { informative } from "./ranges.js";
import { SYNTHETIC_BEST, syntheticPopulation } from "./synthetic.js";
import type { FinishedTrial } from "./trial.js";

const narrow = { flops: [2e6, 2.1e6] as const };
const one = syntheticPopulation("RegNetX", 200, narrow);
const better = syntheticPopulation("RegNetY", 200, { ...narrow, shift: -0.02, firstId: 200 });

/** √(ln 40 ÷ 400): the half width of the 95 % band of Dvoretzky, Kiefer and Wolfowitz for 200 networks. */
const DKW_200 = Math.sqrt(Math.log(40) / 400);

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
    const { share, bands } = edfs[0];
    share.forEach((height, i) => {
      expect(bands.dkw.upper[i] - bands.dkw.lower[i]).toBeLessThanOrEqual(2 * DKW_200 + 1e-12);
      expect(bands.bootstrap.lower[i]).toBeLessThanOrEqual(height);
      expect(bands.bootstrap.upper[i]).toBeGreaterThanOrEqual(height);
      expect(bands.bootstrap.lower[i]).toBeGreaterThan(bands.dkw.lower[i] - 1e-12);
      expect(bands.bootstrap.upper[i]).toBeLessThan(bands.dkw.upper[i] + 1e-12);
    });
    const middle = share.findIndex((height) => height >= 0.5);
    expect(bands.dkw.upper[middle] - share[middle]).toBeCloseTo(DKW_200, 12);
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

  it("makes nothing equal where populations have no flops in common", () => {
    const [small, large] = [1e6, 64e6].map((flops) =>
      syntheticPopulation(`${flops}`, 20, { flops: [flops, 1.1 * flops] }),
    );
    expect(analyse([...small, ...large]).normalised).toEqual([]);
  });

  it("tells networks of one number apart by their population", () => {
    const twin = one.slice(0, 30).map((trial) => ({ ...trial, population: "worse", error: trial.error + 0.1 }));
    for (const { points, front } of analyse([...one.slice(0, 30), ...twin]).fronts) {
      expect(new Set(front.map((position) => points[position].population))).toEqual(new Set(["RegNetX"]));
    }
  });

  it("has fronts for every cost, ascending in cost and falling in error", () => {
    for (const { points, front } of analyse(one).fronts) {
      const steps = front.map((position) => points[position]);
      steps.slice(1).forEach((step, i) => {
        expect(step.x).toBeGreaterThanOrEqual(steps[i].x);
        expect(step.error).toBeLessThanOrEqual(steps[i].error);
      });
    }
  });

  it("compares every pair of populations once, the later against the earlier", () => {
    const populations = ["a", "b", "c", "d"].flatMap((name) => syntheticPopulation(name, 12));
    const few = syntheticPopulation("few", 4);
    const pairs = analyse([...populations, ...few]).comparisons.map(({ a, b }) => a + b);
    expect(pairs).toEqual(["ab", "bc", "ac", "cd", "bd", "ad"]);
  });

  it("ranges free-form networks by depth, e_fit, what all stages share, and their stages", () => {
    const networks = one.slice(0, 60).map((trial, i): FinishedTrial => {
      const { d, g } = trial.parameters;
      const widths = i % 2 === 0 ? [16, 32, 64] : [64, 16, 32];
      const depths = [1, 3, 2 + (d % 5)];
      return {
        ...trial,
        error: i % 2 === 0 ? 0.2 + i / 1000 : 0.5,
        stages: { widths, depths, groupWidths: [g, g, g] },
        parameters: Object.fromEntries(
          [1, 2, 3].flatMap((s) => [
            [`d${s}`, depths[s - 1]],
            [`w${s}`, widths[s - 1]],
            [`b${s}`, s % 2 === 0 ? 1 : 2],
            [`g${s}`, g],
          ]),
        ),
      };
    });
    const { ranges, lineFits } = analyse(networks);
    const list = ranges[0].ranges;
    expect(list.map(({ parameter }) => parameter)).toEqual(["d", "g", "e_fit", "w1", "w2", "d3", "w3"]);
    const fit = list.find(({ parameter }) => parameter === "e_fit");
    // u_j = 16 + 8j, quantised by 2, is 16, 32 × 3, 64 × up to 6.
    const [good, poor] = [0, 1].map((odd) => lineFits.filter(({ id }) => id % 2 === odd).map((one) => one.fit));
    expect(fit?.high).toBeLessThanOrEqual(Math.max(...good));
    expect(Math.min(...poor)).toBeGreaterThan(Math.max(...good));
    const depth = list.find(({ parameter }) => parameter === "d");
    expect(depth?.points.map(({ value }) => value)).toEqual(
      one.slice(0, 60).map(({ parameters: { d } }) => 6 + (d % 5)),
    );
  });

  it("recovers the law acts ∝ √flops from a population that spans budgets", () => {
    const { trends } = analyse(syntheticPopulation("RegNetX", 200, { flops: [1e6, 64e6] }));
    const acts = trends.find((trend) => trend.quantity === "acts");
    expect(acts?.exponent).toBeCloseTo(0.5, 3);
    expect(acts?.interval[0]).toBeCloseTo(0.5, 3);
    expect(acts?.interval[1]).toBeCloseTo(0.5, 3);
    const depth = trends.find((trend) => trend.quantity === "depth");
    expect(depth?.interval[0]).toBeLessThan(0);
    expect(depth?.interval[1]).toBeGreaterThan(0);
    const best = depth?.points.filter((point) => point.best) ?? [];
    const line = linearRegression(best.map(({ flops, value }) => [Math.log(flops), Math.log(value)]));
    expect(depth?.exponent).toBeCloseTo(line.m, 9);
    expect(Math.log(depth?.coefficient ?? 0)).toBeCloseTo(line.b, 9);
    expect(depth?.points.filter((point) => point.best)).toHaveLength(
      acts?.points.filter((point) => point.best).length ?? 0,
    );
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

  it("finds a step by the populations' spaces, in either order", () => {
    const spaceOf = (population: string) => ({ mine: "AnyNetXC", yours: "AnyNetXD" })[population] ?? population;
    const [forth] = publishedClaims([interval(-0.03, -0.01, "mine", "yours")], { spaceOf });
    const [back] = publishedClaims([interval(0.01, 0.03, "yours", "mine")], { spaceOf });
    expect(back.comparison).toMatchObject({ a: "mine", b: "yours", difference: -0.02, interval: [-0.03, -0.01] });
    expect([forth.here, back.here]).toEqual(["holds", "holds"]);
    expect(publishedClaims([interval(-0.03, -0.01, "mine", "yours")])).toEqual([]);
  });

  it("calls a simpler space as good where any loss is below the margin", () => {
    const step = (low: number, high: number) => publishedClaims([interval(low, high, "anynetxa", "anynetxb")])[0].here;
    expect([step(-0.02, 0.005), step(0.012, 0.03), step(-0.01, 0.02)]).toEqual(["holds", "not", "open"]);
  });
});
