import fc from "fast-check";
import { describe, expect, it } from "vitest";
import random from "./golden/random.json" with { type: "json" };
import torchvision from "./golden/torchvision.json" with { type: "json" };
import { bottleneckWidth } from "./groups.js";
import type { Convention, RegNetParameters } from "./parameters.js";
import { leastCommonMultiple, roundHalfEven } from "./rounding.js";
import { applyRule } from "./rule.js";

const parameters: fc.Arbitrary<RegNetParameters> = fc.record({
  w0: fc.integer({ min: 1, max: 64 }).map((n) => 8 * n),
  wa: fc.double({ min: 0, max: 256, noNaN: true }),
  wm: fc.double({ min: 1.05, max: 4, noNaN: true }),
  depth: fc.integer({ min: 1, max: 64 }),
  groupWidth: fc.integer({ min: 1, max: 130 }),
  bottleneck: fc.constantFrom(0.25, 0.5, 1, 2, 4),
});
const convention = fc.constantFrom<Convention>("pycls", "torchvision");

function ruleOrNothing(p: RegNetParameters, c: Convention) {
  try {
    return applyRule(p, c);
  } catch (error) {
    expect((error as Error).message).toMatch(/splits into groups|the widths reach/);
    return undefined;
  }
}

describe("applyRule", () => {
  it("is the authors' and torchvision's on random parameters", () => {
    for (const { parameters: p, pycls, levels, torchvision: tv } of random) {
      const [widths, depths, groupWidths] = pycls as number[][];
      expect(applyRule(p)).toMatchObject({ widths, depths, groupWidths, levels });
      if (tv) {
        const [tvWidths, tvDepths, tvGroups] = tv as number[][];
        expect(applyRule(p, "torchvision")).toMatchObject({
          widths: tvWidths,
          depths: tvDepths,
          groupWidths: tvGroups,
        });
      } else {
        expect(() => applyRule(p, "torchvision")).toThrow(/splits into groups/);
      }
    }
  });

  it("makes widths that split into groups and never fall before groups are fitted", () => {
    fc.assert(
      fc.property(parameters, convention, (p, c) => {
        const rule = ruleOrNothing(p, c);
        if (!rule) return;
        rule.widths.forEach((width, i) => {
          expect(bottleneckWidth(width, p.bottleneck ?? 1) % rule.groupWidths[i]).toBe(0);
          expect(rule.groupWidths[i]).toBeLessThanOrEqual(p.groupWidth);
        });
        expect(rule.quantised.every((width, j) => width % 8 === 0 && width >= (rule.quantised[j - 1] ?? 0))).toBe(true);
        expect(rule.depths.reduce((a, b) => a + b, 0)).toBe(p.depth);
        expect(rule.quantised).toHaveLength(p.depth);
      }),
      { numRuns: 3000 },
    );
  });

  it("never makes a stage narrower than the one before, groups fitted", () => {
    fc.assert(
      fc.property(parameters, convention, (p, c) => {
        const rule = ruleOrNothing(p, c);
        if (!rule) return;
        expect(rule.widths.every((width, i) => width >= (rule.widths[i - 1] ?? 0))).toBe(true);
        expect(rule.groupWidths.every((group, i) => group >= (rule.groupWidths[i - 1] ?? 0))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("changes a width by at most a third without a bottleneck, as appendix D says", () => {
    fc.assert(
      fc.property(parameters, (p) => {
        for (const { what, from, to } of applyRule({ ...p, bottleneck: 1 }).adjustments) {
          if (what === "width") expect(Math.abs(to - from) / from).toBeLessThanOrEqual(1 / 3 + 1e-12);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("explains every change and nothing else", () => {
    fc.assert(
      fc.property(parameters, convention, (p, c) => {
        const rule = ruleOrNothing(p, c);
        if (!rule) return;
        const before = rule.quantised.filter((width, j) => width !== rule.quantised[j - 1]);
        const changed = before.filter((width, i) => width !== rule.widths[i]).length;
        const cut = rule.groupWidths.filter((group) => group !== p.groupWidth).length;
        expect(rule.adjustments).toHaveLength(changed + cut);
      }),
      { numRuns: 1000 },
    );
  });

  it("says why RegNetX-8.0GF has a narrower group in its first stage", () => {
    const { adjustments } = applyRule({ w0: 80, wa: 49.56, wm: 2.88, depth: 23, groupWidth: 120 });
    const reason = "a group is at most as wide as the bottleneck, 80 channels";
    expect(adjustments[0]).toEqual({ stage: 0, what: "groupWidth", from: 120, to: 80, reason });
  });

  it("differs between the conventions where the published models do", () => {
    const differing = Object.entries(torchvision).filter(([, v]) => String(v.tv_widths) !== String(v.pycls_widths));
    expect(differing.map(([name]) => name)).toEqual(["regnet_x_400mf", "regnet_y_800mf", "regnet_y_8gf"]);
  });

  it.each([
    [{ w0: 20 }, "invalid w0: got 20, expected a positive multiple of 8; the nearest is 24"],
    [{ w0: Number.NaN }, "invalid w0: got NaN, expected a positive multiple of 8"],
    [{ wa: -1 }, "invalid wa: got -1, expected a number of at least 0"],
    [{ wm: 1 }, "invalid wm: got 1, expected a number above 1 and at most 64"],
    [{ depth: 2.5 }, "invalid depth: got 2.5, expected an integer from 1 to 1024"],
    [{ depth: 1e6 }, "invalid depth: got 1000000, expected an integer from 1 to 1024"],
    [{ groupWidth: 0 }, "invalid groupWidth: got 0, expected a positive integer"],
    [{ bottleneck: 0.3 }, "invalid bottleneck: got 0.3, expected a ratio of at least 1, or 1/k for an integer k"],
    [{ se: 2 }, "invalid se: got 2, expected a ratio from 0 (off) to 1"],
    [{ wa: undefined }, "missing wa; give the slope of the widths"],
    [{ wa: 5e5, wm: 8, depth: 900 }, "invalid wa: the widths reach"],
    [{ bottleneck: 1.5, groupWidth: 7 }, "invalid groupWidth: no width near 56 has a bottleneck (ratio 1.5)"],
  ])("refuses %j", (change, message) => {
    const p = { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8, ...change } as RegNetParameters;
    expect(() => applyRule(p)).toThrow(message);
  });
});

describe("rounding", () => {
  it("takes ties to the even neighbour", () => {
    expect([0.5, 1.5, 2.5, 24.5, -1.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 24, -2, 2, 3]);
  });

  it("finds the least common multiple", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (a, b) => {
        const lcm = leastCommonMultiple(a, b);
        expect(lcm % a).toBe(0);
        expect(lcm % b).toBe(0);
        expect(lcm).toBeLessThanOrEqual(a * b);
      }),
    );
  });
});
