import { describe, expect, test } from "vitest";
import { sampleStudy } from "../study/sample.js";
import { createStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { best, counts, probeWorkers } from "./probe.js";

describe("the probe for the number of workers", () => {
  test("tries powers of two and the number of processors", () => {
    expect([1, 2, 3, 8, 12].map(counts)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
  });

  test("takes the least number that is about as fast as the fastest", () => {
    const points = (...rates: number[]) => rates.map((rate, i) => ({ processes: 2 ** i, rate }));
    expect(best(points(10, 19, 30, 30.5))).toBe(4);
    expect(best(points(10, 9, 8))).toBe(1);
  });

  test("measures training steps of the study's median network", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const found = await probeWorkers(study, [0, 1, 2, 3], 2);
      expect(found?.points.map(({ processes }) => processes)).toEqual([1, 2]);
      expect(found?.points.every(({ rate }) => rate > 0)).toBe(true);
    }));

  test("gives none where the network cannot be run here", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      expect(await probeWorkers(study, [])).toBeUndefined();
    }));
});
