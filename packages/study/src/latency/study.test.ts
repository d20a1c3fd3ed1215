import { countModel, type ModelSpec, type NetworkOptions } from "@regnet/core";
import { expect, it } from "vitest";
import { inProcess } from "../design/testing.js";
import { reportPage } from "../report/page/page.js";
import { studyReport } from "../report/studyReport.js";
import { runStudy } from "../study/runStudy.js";
import { createStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { studyLatency } from "./study.js";

/** What the made-up device takes: not what any model of flops, acts and depth can tell exactly. */
async function measure(model: ModelSpec, input: NetworkOptions): Promise<number> {
  const { flops, params } = countModel(model, input);
  return 0.1 + flops / 1e8 + (params % 7) / 50;
}

it("studies on one device: the model predicts, what stands on the front is measured", () =>
  inTemporaryFolder(async (folder) => {
    const studies = [];
    for (const [name, seed] of [
      ["one", 0],
      ["two", 5],
    ] as const) {
      const study = createStudy(`${folder}/${name}`, simulatedSpec({ name, seed, trials: 20 }));
      studies.push((await runStudy(study, { executor: inProcess(), sampler: drawRegNets })).study);
    }
    let measurements = 0;
    const onMeasured = (count: number) => {
      measurements = count;
    };
    const latency = await studyLatency(measure, studies, { onMeasured });
    expect(latency.of(studies[0], 20)).toBeUndefined();
    const { trials, analysis, ...document } = studyReport(studies, { latency });
    const known = trials.map((trial) => trial.latency);
    const measured = known.filter((one) => one?.from === "measured").length;
    expect(measurements).toBe(3 * measured);
    expect(measured).toBeGreaterThanOrEqual(12);
    expect(measured).toBeLessThan(40);
    for (const { metric, points, front } of analysis.fronts) {
      expect(points).toHaveLength(40);
      if (metric === "latency") for (const position of front) expect(points[position].predicted).toBe(false);
    }
    expect(analysis.fronts.map(({ metric }) => metric)).toEqual(["flops", "params", "acts", "latency", "memory"]);
    expect(reportPage({ ...document, trials, analysis })).toContain('<section id="latency">');
  }));

it("studies of which too little is done say so", () =>
  inTemporaryFolder(async (folder) => {
    const { study } = await runStudy(createStudy(folder, simulatedSpec({ trials: 2 })), {
      executor: inProcess(),
      sampler: drawRegNets,
    });
    await expect(studyLatency(measure, [study])).rejects.toThrow(/invalid latency samples: got 2, expected at least 5/);
  }));
