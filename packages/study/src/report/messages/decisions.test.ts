import { describe, expect, it } from "vitest";
import type { DecisionFacts } from "../../analysis/decision.js";
import { decisionText, type Language } from "./index.js";

const text = (decision: DecisionFacts, language: Language = "en") => decisionText(decision, language).text;
const plan = { step: "plan", rungs: [10, 4, 2], exploring: 0.18, epochs: 41.2 } as const;

describe("decisionText", () => {
  it("gives times in its language, rounded as a whole, or steps", () => {
    expect(text({ ...plan, budget: 7199 })).toBe(
      "10 networks race; 4, then 2, then 1 go on. 18 % of the training goes to networks that do not win. " +
        "The last one is trained to the end, for about 41.2 epochs, in the 1 h 59 min given.",
    );
    expect(text({ ...plan, budget: 7199 }, "zh")).toContain("给定时间 1 小时 59 分");
    expect(text({ ...plan, steps: 900 })).toContain("in 900 steps.");
    expect(text({ ...plan, rungs: [], budget: 20 })).toContain("no time to compare networks");
  });

  const rung = {
    step: "rung",
    rung: 1,
    unit: "seconds",
    until: 4.5,
    noise: 0.031,
    ranked: [
      { name: "a", error: 0.4 },
      { name: "b", error: 0.41 },
      { name: "c", error: 0.6 },
    ],
    kept: ["a", "b"],
    beaten: ["c"],
    failed: [{ name: "d", reason: "training diverged" }],
  } as const;

  it("says who leads a rung, who goes on, and who falls for what", () => {
    expect(text(rung)).toBe(
      "After 4.50 s of the machine each: a leads with an error of 40.0 %. With it goes on: b. " +
        "Out: 1, of which 1 were behind by more than chance explains (±3.10 points). d failed: training diverged.",
    );
    expect(text(rung, "zh")).toBe(
      "每个网络训练 整机 4.50 秒 之后：a 领先，错误率 40.0 %。一同晋级：b。" +
        "淘汰 1 个，其中 1 个的差距超出偶然（±3.10 个百分点）。d 失败：“training diverged”。",
    );
  });

  it("says where the winner comes from, and what its figures are worth", () => {
    const finish = {
      step: "finish",
      name: "n",
      origin: "published",
      seconds: 100,
      epochs: 40,
      accuracy: 0.8,
      validation: 500,
      test: 0.79,
      images: 500,
    } as const;
    expect(text(finish)).toContain("the published network, scaled: none that was drawn beat it");
    expect(text(finish)).toContain("On the 500 images held out, which nothing was chosen on: 79.00 % (±3.57).");
    expect(text({ ...finish, test: undefined, images: undefined })).toContain("flattered by the choices");
    expect(text(finish, "zh")).toContain("在 500 张从未用于选择的留出图像上：79.00 %");
  });

  it("gives no channels of a stem that has as many as the first stage", () => {
    const space = {
      step: "space",
      space: "ConvNeXt",
      stem: "patchify",
      stages: [4, 4],
      limits: {},
      acceptance: 1,
    } as const;
    expect(text(space)).toMatch(/^ConvNeXt with the patchify stem and 4 stages/);
    expect(text(space, "zh")).not.toContain("通道");
  });
});
