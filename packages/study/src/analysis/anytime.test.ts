import { describe, expect, it } from "vitest";
import { anytimeCurves } from "./anytime.js";

describe("anytimeCurves", () => {
  it("tells the best so far against the epochs spent, over seeds", () => {
    const runs = [
      {
        name: "a",
        trainings: [
          { epochs: 3, error: 0.5 },
          { epochs: 3, error: 0.7 },
          { epochs: 6, error: 0.2 },
        ],
      },
      { name: "b", trainings: [{ epochs: 4 }, { epochs: 4, error: 0.6 }] },
      {
        name: "a",
        trainings: [
          { epochs: 6, error: 0.3 },
          { epochs: 6, error: 0.4 },
        ],
      },
    ];
    expect(anytimeCurves(runs)).toEqual([
      { name: "a", seeds: 2, spent: [6, 12], best: [0.4, 0.25], lower: [0.3, 0.2], upper: [0.5, 0.3] },
      { name: "b", seeds: 1, spent: [8], best: [0.6], lower: [0.6], upper: [0.6] },
    ]);
  });

  it("has no curve of what found nothing", () => {
    expect(anytimeCurves([{ name: "a", trainings: [{ epochs: 1 }] }])).toEqual([]);
    expect(anytimeCurves([])).toEqual([]);
  });
});
