import { findSpace } from "@regnet/core";
import { describe, expect, it, vi } from "vitest";
import { fitSpaceLatency } from "./space.js";

describe("the latency model of a space", () => {
  it("is not fitted where the limits leave too few networks to measure, which the error names", async () => {
    const measure = vi.fn(async () => 1);
    const input = { resolution: 32, channels: 3, classes: 10 };
    const fit = fitSpaceLatency(measure, findSpace("RegNetX-small"), input, { limits: { flops: { max: 10 } } });
    await expect(fit).rejects.toMatchObject({
      code: "unsatisfiable",
      message: expect.stringMatching(/^cannot sample RegNetX-small: .* flops above .* raise the upper limit of flops/),
    });
    expect(measure).not.toHaveBeenCalled();
  });
});
