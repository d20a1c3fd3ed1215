import { describe, expect, it } from "vitest";
import { complexityOf } from "../../graph/complexity.js";
import { applyRule } from "../../rule/rule.js";
import { buildModel } from "../build.js";
import { findModel } from "../published/index.js";
import { type FamilyOptions, familyFor } from "./family.js";
import { smallRule } from "./small.js";
import { publishedTrends, trendAt } from "./trends.js";

describe("familyFor", () => {
  it.each([
    [[10e6, 50e6, 200e6, 400e6, 800e6, 1.6e9, 4e9, 12e9], {}],
    [[10e6, 50e6, 200e6, 400e6, 4e9], { space: "RegNetY" }],
    [[3e6, 10e6, 50e6], { resolution: 32, classes: 10 }],
    [[3e6], { resolution: 28, channels: 1, classes: 10 }],
    [[20e6, 50e6], { resolution: 128, classes: 10 }],
  ] as [number[], FamilyOptions][])("meets %j with %j within two percent, as the graph counts", (budgets, options) => {
    const family = familyFor(budgets, options);
    family.forEach(({ spec, complexity, offset, reasons }, i) => {
      const { flops, params, acts } = complexityOf(buildModel(spec, options));
      expect(complexity).toEqual({ flops, params, acts });
      expect(Math.abs(flops / budgets[i] - 1)).toBeLessThanOrEqual(0.02);
      expect(offset).toBeCloseTo(flops / budgets[i] - 1, 12);
      const { levels, widths } = applyRule(spec);
      expect(widths).toHaveLength(levels);
      expect(reasons.map(({ quantity }) => quantity)).toEqual([
        "stem",
        "stages",
        "bottleneck",
        "depth",
        "wm",
        "w0",
        "groupWidth",
        "wa",
        "flops",
        "params",
        "acts",
      ]);
    });
  });

  it("keeps to the authors' limits and their four stages where the paper's budgets are", () => {
    for (const { spec, complexity } of familyFor([200e6, 800e6, 3.2e9])) {
      const giga = complexity.flops / 1e9;
      expect(complexity.params / 1e6).toBeLessThanOrEqual(3 + 5.5 * giga);
      expect(complexity.acts / 1e6).toBeLessThanOrEqual(6.5 * Math.sqrt(giga));
      expect(applyRule(spec).widths).toHaveLength(4);
      expect(spec.depth).toBeGreaterThanOrEqual(14);
      expect(spec.depth).toBeLessThanOrEqual(26);
    }
  });

  it("follows the small rule below the published budgets, unless the published one is asked for", () => {
    const images = { resolution: 128, classes: 10, space: "RegNetY" } as const;
    const [small] = familyFor([40e6], images);
    const { widths, depths } = applyRule(small.spec);
    expect([widths.length, small.spec.depth, small.spec.stemWidth]).toEqual([smallRule.stages, 5, smallRule.stemWidth]);
    expect(depths[2]).toBeGreaterThanOrEqual(3);
    expect(small.spec.groupWidth).toBeGreaterThanOrEqual(48);
    const [published] = familyFor([40e6], { ...images, rule: "published" });
    expect(published.spec.depth).toBeGreaterThan(10);
    expect(familyFor([100e6], images)).toEqual(familyFor([100e6], { ...images, rule: "published" }));
    const [larger] = familyFor([60e6], images);
    expect(larger.spec.w0).toBeGreaterThanOrEqual(small.spec.w0);
  });

  it("says which budgets are out of reach, and what would help", () => {
    expect(() => familyFor([1e6])).toThrow(
      /^cannot meet 1000000 flops for images of 224 × 224: .*; take smaller images/,
    );
    expect(() => familyFor([1e13], { resolution: 8 })).toThrow(/take larger images, or a smaller budget/);
    expect(() => familyFor([])).toThrow("invalid budgets");
    expect(() => familyFor([-1])).toThrow("invalid budget: got -1");
    expect(() => familyFor([1e8], { tolerance: 0 })).toThrow("invalid tolerance");
  });
});

describe("publishedTrends", () => {
  it("pass through the published networks", () => {
    const trends = publishedTrends("RegNetX");
    expect(trends.acts.networks).toBe(12);
    expect(trends.acts.exponent).toBeCloseTo(0.55, 2);
    const { flops = 0, acts = 0 } = findModel("RegNetX-1.6GF").published;
    expect(Math.abs(Math.log(trendAt(trends.acts, flops) / acts))).toBeLessThan(2 * trends.acts.deviation);
  });
});
