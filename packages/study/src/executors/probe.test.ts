import { countModel } from "@regnet/core";
import { describe, expect, test } from "vitest";
import { sampleStudy } from "../study/sample.js";
import { createStudy, type Study } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { allPayOff, best, counts, probeWorkers } from "./probe.js";
import { SpeedProbe } from "./speedProbe.js";
import { WorkerProcess } from "./workerProcess.js";
import type { FromWorker, WorkerOutcome } from "./workerProtocol.js";

describe("the probe for the number of workers", () => {
  test("tries powers of two and the number of processors", () => {
    expect([1, 2, 3, 8, 12].map(counts)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
  });

  const points = (...rates: number[]) => rates.map((rate, i) => ({ processes: 2 ** i, rate }));

  test("takes the least number that is about as fast as the fastest", () => {
    expect(best(points(10, 19, 30, 30.5))).toBe(4);
    expect(best(points(10, 9, 8))).toBe(1);
  });

  test("measures once more unless all of them are faster than any fewer beyond doubt", () => {
    expect([points(10), points(10, 19), points(10, 19, 30)].map(allPayOff)).toEqual([true, true, true]);
    expect([points(10, 12), points(10, 19, 20), points(10, 9), points(0, 0)].map(allPayOff)).not.toContain(true);
  });

  test("does not measure while its own process is still at work", () =>
    withWorkers(1, async (study, workers) => {
      const said: string[] = [];
      const quiet = new Promise<void>((resolve) => setTimeout(resolve, 3000)).then(() => said.push("quiet"));
      await probeWorkers(study, [0, 1], [telling(workers[0], said)], quiet);
      expect(said).toEqual(["probe", "quiet", "measure"]);
    }));

  test("measures training steps of the study's median network in workers, which then go on", () =>
    withWorkers(2, async (study, workers) => {
      const found = await probeWorkers(study, [0, 1, 2, 3], workers);
      expect(found?.points.map(({ processes }) => processes)).toEqual([1, 2]);
      expect(found?.points.every(({ rate }) => rate > 0)).toBe(true);
      expect(workers).toEqual(expect.arrayContaining([...(found?.workers ?? [])]));
      expect(await outcomeOf(workers[0], 0)).toMatchObject({ kind: "finished" });
    }));

  test("counts the memory of a trial's batch, not of its own smaller one", async () => {
    const model = {
      family: "regnet",
      w0: 8,
      wa: 8,
      wm: 2,
      depth: 3,
      groupWidth: 8,
      stem: "cifar",
      stemWidth: 16,
    } as const;
    const images = { resolution: 32, channels: 3, classes: 10 };
    const probe = await SpeedProbe.prepare({ model, batch: 8, trialBatch: 800, precision: "fp32", ...images });
    const { acts } = countModel(model, images);
    expect(probe.bytes - process.memoryUsage.rss()).toBeGreaterThan(792 * 4 * acts);
    probe.dispose();
  });

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

/** Notes what a worker is told. */
function telling(worker: WorkerProcess, said: string[]): WorkerProcess {
  const tell = worker.tell.bind(worker);
  worker.tell = (message) => {
    said.push(message.type);
    tell(message);
  };
  return worker;
}

function outcomeOf(worker: WorkerProcess, id: number): Promise<WorkerOutcome> {
  return new Promise((resolve, reject) => {
    const message = (said: FromWorker) => said.type === "outcome" && resolve(said.outcome);
    worker.events = { message, exit: (how) => reject(new Error(how)) };
    worker.run(id);
  });
}
