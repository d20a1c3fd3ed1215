import { describe, expect, it } from "vitest";
import { quickFor, quickRegimes } from "./quick.js";
import { meanCostAhead, sideAt } from "./resizing.js";

const resizing = { from: 0.625, to: 1, until: 0.75, steps: 2 };

describe("sideAt", () => {
  it("grows in equal steps to the last side", () => {
    const sides = [0, 0.3, 0.374, 0.376, 0.74, 0.75, 1].map((share) => sideAt({ resizing }, 128, share));
    expect(sides).toEqual([80, 80, 80, 112, 112, 128, 128]);
    expect(sideAt({}, 128, 0)).toBe(128);
    expect(sideAt({ resizing: { ...resizing, to: 0.875 } }, 128, 1)).toBe(112);
    expect(sideAt({ resizing }, 32, 0)).toBe(20);
  });
});

describe("meanCostAhead", () => {
  it("is the mean area over the rest, against the present side", () => {
    const mean = (0.375 * 80 ** 2 + 0.375 * 112 ** 2 + 0.25 * 128 ** 2) / 80 ** 2;
    expect(meanCostAhead({ resizing }, 128, 0, 80)).toBeCloseTo(mean, 12);
    expect(meanCostAhead({ resizing }, 128, 0.5, 112)).toBeCloseTo(
      (0.25 * 112 ** 2 + 0.25 * 128 ** 2) / 0.5 / 112 ** 2,
    );
    expect(meanCostAhead({ resizing }, 128, 0.9, 128)).toBe(1);
    expect(meanCostAhead({}, 128, 0.2, 128)).toBe(1);
  });
});

describe("quickFor", () => {
  it("has a regime for every size and length, and scales with both", () => {
    for (const resolution of [28, 64, 65, 224]) {
      for (const epochs of [0.1, 5, 50, 1e4]) expect(quickFor({ resolution, epochs }).name).toBe("quick");
    }
    expect(quickFor({ resolution: 128, epochs: 50 }).augmentation.crop.kind).toBe("randomResizedCrop");
    expect(quickFor({ resolution: 32, epochs: 50 }).augmentation.crop.kind).toBe("padAndCrop");
    for (const size of ["small", "large"] as const) {
      const ends = quickRegimes.filter((one) => one.size === size).map(({ upTo }) => upTo);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      expect(ends.at(-1)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});
