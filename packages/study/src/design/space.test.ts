import { findSpace, type RegNetSpace, RegnetError } from "@regnet/core";
import { describe, expect, it, vi } from "vitest";
import { decisionEn } from "../report/messages/decisionsEn.js";
import { decisionZh } from "../report/messages/decisionsZh.js";
import type { DesignContext, DesignImages, DesignTools } from "./context.js";
import type { DesignRequest } from "./options.js";
import { chooseSpace } from "./space.js";
import { simulatedTools } from "./testing.js";

const images: DesignImages = {
  ...{
    source: "shapes",
    name: "shapes",
    resolution: 32,
    channels: 3,
    classes: 10,
    train: 100,
    validation: 100,
    test: 0,
  },
};
async function choose(
  asked: Partial<DesignRequest>,
  { signal, ...changed }: { signal?: AbortSignal } & Partial<DesignTools> = {},
) {
  const context = {
    ...{ request: { seed: 0, ...asked }, hooks: {}, clock: { keep() {} } },
    ...{ signal: signal ?? new AbortController().signal, tools: { ...simulatedTools(), ...changed } },
  };
  const { value, decisions = [] } = await chooseSpace(context as unknown as DesignContext, images);
  return { value, decisions };
}

describe("the space of a design", () => {
  it("is that of the small rule below the published budgets, and the constrained RegNetY from there on", async () => {
    const { value, decisions } = await choose({ flops: 10e6 });
    expect(value.space.name).toBe("RegNet-shallow-cifar");
    expect((await choose({ flops: 30e6 })).value.space.name).toBe("RegNetY-small-constrained");
    expect(decisions[0]).not.toHaveProperty("passedOver");
    expect(decisionEn(decisions[0]).text).not.toMatch(/Passed over/);
  });

  it("is a slimmer one where it has too few, and says so", async () => {
    const { value, decisions } = await choose({ flops: 9e5 });
    const passedOver = ["RegNet-shallow-cifar", "RegNetY-small-constrained"];
    expect(value.space.name).toBe("RegNetY-small-constrained-slim");
    expect(decisions).toMatchObject([{ step: "space", passedOver }]);
    for (const text of [decisionEn, decisionZh])
      expect(text(decisions[0]).text).toMatch(/(too few networks|网络太少).*RegNetY-small-constrained[.。]$/);
  });

  it("is the one that was asked for, or none", async () => {
    await expect(choose({ flops: 1e5, space: "RegNetY-small" })).rejects.toThrow(/cannot sample RegNetY-small: /);
    await expect(choose({ flops: 10 })).rejects.toThrow(/cannot sample RegNetY-small: /);
  });

  it("is a slimmer one where only that has networks of the latency asked for", async () => {
    const { value, decisions } = await choose({ latency: 0.109 });
    expect(value.space.name).toBe("RegNetY-small-constrained-slim");
    expect(value.latency?.points.length).toBeGreaterThanOrEqual(5);
    const passedOver = ["RegNet-shallow-cifar", "RegNetY-small-constrained"];
    expect(decisions).toMatchObject([{ passedOver }, { step: "latency" }]);
  });

  it("is tested for its flops before anything is measured in it", async () => {
    const measure = vi.fn(simulatedTools().measure);
    await expect(choose({ flops: 10, latency: 5 }, { measure })).rejects.toThrow(
      /cannot sample RegNetY-small: .* flops above .* raise the upper limit of flops/,
    );
    expect(measure).not.toHaveBeenCalled();
    const { decisions } = await choose({ flops: 9e5, latency: 5 }, { measure });
    const passedOver = ["RegNet-shallow-cifar", "RegNetY-small-constrained"];
    expect(decisions).toMatchObject([{ passedOver }, { step: "latency" }]);
    expect(measure).toHaveBeenCalledTimes(1);
  });

  it("is not passed over for what went wrong while it was measured", async () => {
    const measure = vi.fn(() => () => Promise.reject(new RegnetError("missing engine", "missing")));
    await expect(choose({ latency: 5 }, { measure })).rejects.toThrow("missing engine");
    expect(measure).toHaveBeenCalledTimes(1);
  });

  it("has no channels of its own in a patchify stem", async () => {
    const { decisions } = await choose({ flops: { min: 1e6 }, space: "ConvNeXt" });
    expect(decisions[0]).toMatchObject({ step: "space", stem: "patchify", stemWidth: undefined });
  });

  it("is refused where no network has so little memory, and stops on request", async () => {
    await expect(choose({ memory: 1000, flops: 10e6 })).rejects.toThrow(/cannot sample .* memory above/);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("interrupted")), 100);
    await expect(choose({ memory: 1000, flops: 10e6 }, { signal: stop.signal })).rejects.toThrow("interrupted");
  });

  it("may hold few networks, if they are enough to explore", async () => {
    const small = findSpace("RegNetY-small") as RegNetSpace;
    const settings = { w0: [16, 24], wa: [16, 20, 24], wm: [2], groupWidth: [8] };
    const holding = (depth: number[]) => ({ ...small, parameters: { ...small.parameters, ...settings, depth } });
    const { value } = await choose({ flops: { max: 1e9 }, space: holding([4, 5, 6]) });
    expect(value.space.parameters).toMatchObject(settings);
    const few = choose({ flops: { max: 1e9 }, space: holding([4]) });
    await expect(few).rejects.toThrow(/cannot sample RegNetY-small: found \d of 50/);
  });
});
