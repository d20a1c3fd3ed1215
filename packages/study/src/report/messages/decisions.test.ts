import { describe, expect, it } from "vitest";
import type { DecisionFacts } from "../../analysis/decision.js";
import { decisionText, type Language } from "./index.js";

const text = (decision: DecisionFacts, language: Language = "en") => decisionText(decision, language).text;
const plan = { step: "plan", networks: 20, images: 5000, refined: 8, finalists: 3, fullEpochs: 4 } as const;

describe("decisionText", () => {
  it("says why nothing was narrowed", () => {
    const narrow = { step: "narrow", ranges: [], networks: 6 } as const;
    expect(text({ ...narrow, why: "few" })).toMatch(/^6 networks are too few to tell/);
    expect(text({ ...narrow, why: "stagewise" })).toMatch(/^Every stage .* not narrowed/);
    expect(text(narrow)).toMatch(/^Over 6 networks no parameter's 95 % interval is narrower/);
    expect(new Set([undefined, "few", "stagewise"].map((why) => text({ ...narrow, why } as never, "zh"))).size).toBe(3);
  });

  it("speaks of the baseline only where there is one", () => {
    const time = { budget: 180, expected: 170 };
    expect(text({ ...plan, ...time, baseline: true })).toContain("the best 3 and the baseline for");
    expect(text({ ...plan, ...time, baseline: false })).toContain("the best 3 for");
    expect(text({ ...plan, ...time, baseline: false }, "zh")).not.toContain("基线");
  });

  it("gives times in its language, rounded as a whole", () => {
    const times = { baseline: true, budget: 7199, expected: 119.7 };
    expect(text({ ...plan, ...times })).toContain("2 min 00 s of the 1 h 59 min given");
    expect(text({ ...plan, ...times }, "zh")).toContain("预计约需 2 分 00 秒，给定时间 1 小时 59 分");
  });

  it("says in its language how the process of a training died, and what it wrote last", () => {
    const failed = [
      { name: "a", death: { by: "SIGKILL", tail: "" } },
      { name: "b", death: { by: 134, tail: "heap out of memory" } },
      { name: "c", reason: "training diverged" },
    ];
    const train = { step: "train", failed } as const;
    expect(text(train)).toBe(
      "a: its process died (killed by SIGKILL); b: its process died (exit code 134): heap out of memory; " +
        "c: training diverged. What follows is about the others.",
    );
    expect(text(train, "zh")).toBe(
      "a：进程中途退出（被 SIGKILL 终止）；b：进程中途退出（退出码 134），最后输出“heap out of memory”；" +
        "c：报错“training diverged”。以下只涉及其余网络。",
    );
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
