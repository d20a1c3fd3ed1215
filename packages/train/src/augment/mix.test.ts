import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../data/random.js";
import { erase } from "./erase.js";
import { mixBatch } from "./mix.js";

/** Image i has the value i everywhere and the class i. */
function batchOf(batch: number, side = 4) {
  const images = Float32Array.from({ length: batch * side * side }, (_, i) => Math.floor(i / (side * side)));
  const targets = Float32Array.from({ length: batch * batch }, (_, i) => (i % batch === Math.floor(i / batch) ? 1 : 0));
  return { images, targets, batch, channels: 1, side, classes: batch };
}

const off = { mixup: 0, cutmix: 0, probability: 1, cutmixShare: 0.5 };

describe.each([
  ["mixup", { ...off, mixup: 0.8 }],
  ["cutmix", { ...off, cutmix: 1 }],
])("%s", (_, mix) => {
  it("gives targets the shares that the pixels have, whose sum stays 1", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, count) => {
        const batch = batchOf(count);
        mixBatch(batch, mix, new Random(seed));
        for (let i = 0; i < count; i++) {
          const target = batch.targets.subarray(i * count, (i + 1) * count);
          expect(target.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          const byTarget = target.reduce((sum, share, label) => sum + share * label, 0);
          const pixels = batch.images.subarray(i * 16, (i + 1) * 16);
          expect(pixels.reduce((a, b) => a + b) / 16).toBeCloseTo(byTarget, 4);
        }
      }),
    );
  });
});

it("cutmix exchanges whole pixels, mixup none", () => {
  const cut = batchOf(2);
  mixBatch(cut, { ...off, cutmix: 1 }, new Random(4));
  expect([...new Set(cut.images)].sort()).toEqual([0, 1]);
  expect([...cut.images].sort()).toEqual([...batchOf(2).images]);
});

it("leaves a batch alone without probability, and when both are off", () => {
  for (const mix of [off, { ...off, mixup: 1, probability: 0 }]) {
    const batch = batchOf(4);
    mixBatch(batch, mix, new Random(1));
    expect(batch.images).toEqual(batchOf(4).images);
  }
});

it("chooses between both by the share", () => {
  let whole = 0;
  for (let seed = 0; seed < 400; seed++) {
    const batch = batchOf(2);
    mixBatch(batch, { mixup: 1, cutmix: 1, probability: 1, cutmixShare: 0.25 }, new Random(seed));
    if (batch.images.every(Number.isInteger)) whole++;
  }
  expect(whole / 400).toBeGreaterThan(0.18);
  expect(whole / 400).toBeLessThan(0.33);
});

describe("erasing", () => {
  const options = { probability: 1, area: [0.1, 0.3] as [number, number] };

  it("touches one rectangle of one image, the same in all channels", () => {
    for (let seed = 0; seed < 100; seed++) {
      const images = new Float32Array(3 * 3 * 100).fill(5);
      erase(images, 300, 3, 10, { ...options, fill: "mean" }, new Random(seed));
      const erased = [...images].flatMap((value, i) => (value === 0 ? [i] : []));
      expect(erased.every((i) => i >= 300 && i < 600)).toBe(true);
      expect(erased.length % 3).toBe(0);
      const first = erased.filter((i) => i < 400).map((i) => i - 300);
      const rows = new Set(first.map((i) => Math.floor(i / 10)));
      const columns = new Set(first.map((i) => i % 10));
      expect(rows.size * columns.size).toBe(first.length);
      expect(erased.filter((i) => i >= 500).map((i) => i - 500)).toEqual(first);
    }
  });

  it("fills with noise of mean 0 and deviation 1", () => {
    const images = new Float32Array(64 * 64).fill(9);
    erase(images, 0, 1, 64, { probability: 1, area: [0.3, 0.4], fill: "noise" }, new Random(2));
    const noise = [...images].filter((value) => value !== 9);
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(Math.abs(variance - 1)).toBeLessThan(0.15);
  });
});
