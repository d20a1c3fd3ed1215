import { findSpace, samplePopulation } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { SYNTHETIC_BEST, syntheticPopulation } from "../analysis/synthetic.js";
import type { FinishedTrial } from "../analysis/trial.js";
import { distance, findRule, nearestFirst, ruleValue } from "./rule.js";

/** Populations whose good networks have wa = 4·(flops/1M)^0.5, the error growing with the distance from it. */
function populations(): FinishedTrial[] {
  return [1e6, 4e6, 16e6].flatMap((flops, i) =>
    syntheticPopulation(`budget ${i}`, 200, { flops: [flops * 0.95, flops], firstId: 200 * i }).map((trial) => {
      const target = 4 * Math.sqrt(flops / 1e6);
      const miss = 0.1 * Math.log(trial.parameters.wa / target) ** 2;
      return { ...trial, error: trial.error + miss };
    }),
  );
}

const rule = findRule(populations());

describe("findRule", () => {
  it("finds what all budgets share", () => {
    expect(rule.shared.map(({ parameter }) => parameter)).toEqual(["d", "wm"]);
    for (const { parameter, low, high } of rule.shared) {
      const truth = SYNTHETIC_BEST[parameter as "d" | "wm"];
      expect(low).toBeLessThanOrEqual(truth);
      expect(high).toBeGreaterThanOrEqual(truth);
    }
  });

  it("finds the law of what grows", () => {
    const wa = rule.trends.find(({ parameter }) => parameter === "wa");
    expect(wa?.exponent).toBeGreaterThan(0.35);
    expect(wa?.exponent).toBeLessThan(0.65);
    expect(ruleValue(rule, "wa", 4e6)).toBeGreaterThan(6);
    expect(ruleValue(rule, "wa", 4e6)).toBeLessThan(10.5);
  });

  it("puts the network nearest to it first", () => {
    const input = { resolution: 32, classes: 10, limits: { flops: { min: 3.6e6, max: 4e6 } } };
    const { networks } = samplePopulation(findSpace("RegNetY-small"), { count: 100, ...input });
    const far = nearestFirst(networks, rule, 4e6).map(({ spec }) => distance(spec, rule, 4e6));
    expect(far).toEqual([...far].sort((a, b) => a - b));
    expect(far).toHaveLength(100);
  });
});
