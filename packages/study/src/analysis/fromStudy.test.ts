import { findModel, findSpace, samplePopulation } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { inProcess } from "../design/testing.js";
import { readTrials } from "../study/read.js";
import { runStudy } from "../study/runStudy.js";
import { createStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { finishedTrials, parametersOf, stagesOf } from "./fromStudy.js";

describe("finishedTrials", () => {
  it("takes the done trials with their curves", () =>
    inTemporaryFolder(async (folder) => {
      const study = createStudy(folder, simulatedSpec({ trials: 3, epochs: 4 }));
      const { study: run } = await runStudy(study, { executor: inProcess(), sampler: drawRegNets });
      const trials = finishedTrials(run, readTrials(run), { population: "p", firstId: 10 });
      expect(trials.map(({ id }) => id)).toEqual([10, 11, 12]);
      for (const { curve, error, population, parameters, stages } of trials) {
        expect(curve).toHaveLength(4);
        expect(Math.min(...curve)).toBe(error);
        expect(population).toBe("p");
        expect(Object.keys(parameters)).toEqual(["d", "w0", "wa", "wm", "b", "g"]);
        expect(stages.depths.reduce((sum, d) => sum + d, 0)).toBe(parameters.d);
      }
    }));
});

describe("parameters and stages", () => {
  it("are the rule's for RegNets", () => {
    const { spec } = findModel("RegNetX-400MF");
    expect(parametersOf(spec)).toEqual({ d: 22, w0: 24, wa: 24.48, wm: 2.54, b: 1, g: 16 });
    expect(stagesOf(spec)).toEqual({
      widths: [32, 64, 160, 384],
      depths: [1, 2, 7, 12],
      groupWidths: [16, 16, 16, 16],
    });
  });

  it("are per stage for free-form networks", () => {
    const input = { count: 1, resolution: 224, limits: { flops: { max: 2e9 } } };
    const [{ spec }] = samplePopulation(findSpace("AnyNetXA"), input).networks;
    if (spec.family !== "anynet") throw new Error("another family");
    const parameters = parametersOf(spec);
    expect(Object.keys(parameters)).toHaveLength(16);
    expect(parameters.w3).toBe(spec.stages[2].width);
    expect(stagesOf(spec).depths).toEqual(spec.stages.map(({ depth }) => depth));
  });
});
