import { countModel, findModel } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { scaledBaseline } from "./baseline.js";

describe("scaledBaseline", () => {
  it("is the published network at the published flops", () => {
    const published = findModel("RegNetY-200MF").spec;
    const { flops } = countModel(published, { resolution: 224 });
    expect(scaledBaseline(flops, { resolution: 224 })?.flops).toBeCloseTo(flops, -6);
  });

  it.each([
    [3e6, { resolution: 28, channels: 1, classes: 10 }, { stem: "cifar", stemWidth: 16 } as const],
    [8e6, { resolution: 32, classes: 10 }, { stem: "cifar", stemWidth: 16 } as const],
    [50e6, { resolution: 128, classes: 10 }, {}],
    [1e9, { resolution: 224 }, {}],
  ])("comes within 3 %% of %d flops", (flops, input, body) => {
    const scaled = scaledBaseline(flops, input, body);
    expect(scaled && Math.abs(scaled.flops / flops - 1)).toBeLessThan(0.03);
    expect(scaled && countModel(scaled.spec, input).flops).toBe(scaled?.flops);
  });

  it("says that there is none where the budget is far too small", () => {
    expect(scaledBaseline(1e3, { resolution: 224 })).toBeUndefined();
  });
});
