import { describe as describeModel, publishedModels } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { drawWidths } from "./chart.js";
import { formatDescription } from "./text.js";

describe("formatDescription", () => {
  it("shows the stages, what they cost, and what was adjusted and why", () => {
    const text = formatDescription(describeModel("RegNetX-400MF"), 80);
    expect(text).toContain("RegNetX-400MF: w0 24, wa 24.48, wm 2.54, depth 22, group width 16");
    expect(text).toMatch(/\ns3 +7 +160 +16 +14×14 +107M +522K +784K +27 %\n/);
    expect(text).toContain("flops 397,678,568   params 5,157,512   acts 3,143,272");
    expect(text).toContain("stage 4: width 392 → 384, because the width must be a multiple of the group width 16");
    expect(text).toContain("top-1 error 27.4 %");
  });

  it("keeps to the width of the terminal, for every published network", () => {
    for (const { name } of publishedModels) {
      for (const columns of [80, 120]) {
        const chart = formatDescription(describeModel(name), columns)
          .split("\n")
          .filter((line) => /[┤│└]/.test(line));
        expect(chart).toHaveLength(12);
        for (const line of chart) expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("shows a bottleneck where there is one", () => {
    const spec = { family: "regnet", w0: 32, wa: 16, wm: 2, depth: 8, groupWidth: 8, bottleneck: 4 } as const;
    expect(formatDescription(describeModel(spec), 80)).toMatch(/group width +bottleneck +output/);
    expect(formatDescription(describeModel("RegNetX-200MF"), 80)).not.toMatch(/bottleneck/);
  });
});

describe("drawWidths", () => {
  it("draws the staircase and the line", () => {
    expect(drawWidths({ widths: [8, 16, 16, 32], line: [8, 14, 20, 26] }, { columns: 20, rows: 5 })).toBe(
      [
        "   32 ┤         ━━━",
        "      │          ·",
        "      │   ━┷━━┷━",
        "    8 ┤━┷━",
        "    0 ┤",
        "      └────────────",
        "       1        4  block",
      ].join("\n"),
    );
  });
});
