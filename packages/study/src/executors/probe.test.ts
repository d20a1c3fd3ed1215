import { describe, expect, test } from "vitest";
import { sampleStudy } from "../study/sample.js";
import { createStudy, type Study } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { best, counts, probeWorkers } from "./probe.js";
import { WorkerProcess } from "./workerProcess.js";
import type { FromWorker, WorkerOutcome } from "./workerProtocol.js";

describe("the probe for the number of workers", () => {
  test("tries powers of two and the number of processors", () => {
    expect([1, 2, 3, 8, 12].map(counts)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
  });

  test("takes the least number that is about as fast as the fastest", () => {
    const points = (...rates: number[]) => rates.map((rate, i) => ({ processes: 2 ** i, rate }));
    expect(best(points(10, 19, 30, 30.5))).toBe(4);
    expect(best(points(10, 9, 8))).toBe(1);
  });

  test("measures training steps of the study's median network in workers, which then go on", () =>
    withWorkers(2, async (study, workers) => {
      const found = await probeWorkers(study, [0, 1, 2, 3], workers);
      expect(found?.points.map(({ processes }) => processes)).toEqual([1, 2]);
      expect(found?.points.every(({ rate }) => rate > 0)).toBe(true);
      expect(workers).toEqual(expect.arrayContaining([...(found?.workers ?? [])]));
      expect(await outcomeOf(workers[0], 0)).toMatchObject({ kind: "finished" });
    }));

  test("leaves out workers that cannot do it", () =>
    withWorkers(3, async (study, workers) => {
      workers[1].kill();
      const found = await probeWorkers(study, [0, 1, 2, 3], workers);
      expect(found?.points.map(({ processes }) => processes)).toEqual([1, 2]);
      expect(found?.workers).not.toContain(workers[1]);
    }));

  test("gives none where the network cannot be run here", () =>
    withWorkers(1, async (study, workers) => {
      expect(await probeWorkers(study, [], workers)).toBeUndefined();
      const nowhere = { ...study, spec: { ...study.spec, channels: 0 } };
      expect(await probeWorkers(nowhere, [0], workers)).toBeUndefined();
      expect(await outcomeOf(workers[0], 0)).toMatchObject({ kind: "finished" });
    }));
});

function withWorkers(count: number, use: (study: Study, workers: WorkerProcess[]) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
    const workers = Array.from({ length: count }, () => new WorkerProcess(study, 1));
    try {
      await use(study, workers);
    } finally {
      for (const worker of workers) worker.kill();
    }
  });
}

function outcomeOf(worker: WorkerProcess, id: number): Promise<WorkerOutcome> {
  return new Promise((resolve, reject) => {
    const message = (said: FromWorker) => said.type === "outcome" && resolve(said.outcome);
    worker.events = { message, exit: (how) => reject(new Error(how)) };
    worker.run(id);
  });
}
