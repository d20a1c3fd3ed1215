import { findSpace, samplePopulation } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { parameterRanges } from "../analysis/ranges.js";
import { SYNTHETIC_BEST, syntheticPopulation } from "../analysis/synthetic.js";
import { narrowSpace } from "./narrow.js";

const space = findSpace("RegNetY-small");
const range = (parameter: string, low: number, high: number, sampled: [number, number]) => ({
  parameter,
  low,
  best: (low + high) / 2,
  high,
  sampled,
  points: [],
});

describe("narrowSpace", () => {
  it("cuts what the bootstrap has narrowed and leaves the rest", () => {
    const { space: after, narrowed } = narrowSpace(space, [
      range("d", 7, 12, [4, 20]),
      range("g", 8, 16, [1, 32]),
      range("wm", 1.51, 3.98, [1.5, 4]),
    ]);
    expect(narrowed).toEqual([
      { parameter: "d", from: [4, 20], to: [7, 12] },
      { parameter: "g", from: [1, 32], to: [8, 16] },
    ]);
    expect(after.parameters).toEqual({
      ...space.parameters,
      depth: { sampler: "uniform", min: 7, max: 12 },
      groupWidth: { sampler: "powerOfTwoOrLog", min: 8, max: 16, quantum: 8 },
    });
  });

  it("gives a space that can be sampled within its ranges", () => {
    const ranges = parameterRanges(syntheticPopulation("x", 300, { flops: [2e6, 2.1e6] }));
    const { space: after, narrowed } = narrowSpace(space, ranges);
    expect(narrowed.length).toBeGreaterThan(0);
    const { networks } = samplePopulation(after, { count: 50, resolution: 28, channels: 1, classes: 10 });
    for (const { spec } of networks) {
      if (spec.family !== "regnet") throw new Error("another family");
      const wm = narrowed.find(({ parameter }) => parameter === "wm");
      expect(wm && spec.wm >= wm.to[0] && spec.wm <= wm.to[1]).toBe(true);
      expect(wm && wm.to[0] <= SYNTHETIC_BEST.wm && wm.to[1] >= SYNTHETIC_BEST.wm).toBe(true);
    }
  });

  it("keeps powers of two as ends where the sampler needs them", () => {
    const { space: after, narrowed } = narrowSpace(space, [range("g", 7, 24, [1, 32])]);
    expect(narrowed).toEqual([{ parameter: "g", from: [1, 32], to: [8, 32] }]);
    expect(after.parameters).toMatchObject({ groupWidth: { min: 8, max: 32 } });
  });

  it("never leaves a parameter a single value, nor cuts a choice to nothing", () => {
    const listed = { ...space, parameters: { ...space.parameters, bottleneck: [1, 2, 4] } } as typeof space;
    expect(narrowSpace(listed, [range("b", 1, 1, [1, 4])]).narrowed).toEqual([]);
    expect(narrowSpace(listed, [range("b", 1, 2, [1, 4])]).space.parameters).toMatchObject({ bottleneck: [1, 2] });
  });
});
