import { describe, expect, test } from "vitest";
import { newestClaim } from "../study/claim.js";
import { readTrials } from "../study/read.js";
import { sampleStudy } from "../study/sample.js";
import { createStudy, type Study } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { until } from "./executorContract.js";
import { Pool } from "./pool.js";

const OPTIONS = { workers: 2, interval: 1, grace: 10, recycle: 1000 };

describe("a pool of workers", () => {
  test("made smaller, has the trials of those that leave gone on with by the others", () =>
    withStudy({ trials: 3, epochs: 20, milliseconds: 1500 }, async (study) => {
      const notes: string[] = [];
      const begun: number[] = [];
      const left: number[] = [];
      const observer = {
        onNote: (text: string) => notes.push(text),
        onBegin: (id: number) => begun.push(id),
        onLeave: (slot: number) => left.push(slot),
      };
      const pool = new Pool(study, [0, 1, 2], OPTIONS, observer);
      const running = pool.run(new AbortController().signal);
      await until(() => begun.length === 2);
      pool.resize(1);
      expect(pool.workers).toHaveLength(1);
      await running;
      expect([notes, left]).toEqual([[], [1]]);
      expect(readTrials(study).map(({ result }) => result.state)).toEqual(["done", "done", "done"]);
      const generations = [0, 1, 2].map((id) => newestClaim(study.layout.trial(id).claim)?.generation);
      expect(generations.toSorted()).toEqual([1, 1, 2]);
    }));

  test("made larger, works with more of them", () =>
    withStudy({ trials: 6, epochs: 4, milliseconds: 500 }, async (study) => {
      const slots = new Set<number>();
      const observer = { onBegin: (_: number, slot: number) => slots.add(slot) };
      const pool = new Pool(study, [0, 1, 2, 3, 4, 5], { ...OPTIONS, workers: 1 }, observer);
      const running = pool.run(new AbortController().signal);
      pool.resize(3);
      await running;
      expect([...slots].sort()).toEqual([0, 1, 2]);
      expect(readTrials(study)).toHaveLength(6);
    }));

  test("replaces old workers between two trials, short ones too", () =>
    withStudy({ trials: 40, epochs: 1, milliseconds: 60 }, async (study) => {
      const pool = new Pool(study, [...Array(40).keys()], { ...OPTIONS, workers: 1, recycle: 1.5 }, {});
      const running = pool.run(new AbortController().signal);
      const processes = new Set<number | undefined>();
      const watch = setInterval(() => processes.add(pool.workers[0]?.pid), 20);
      await running;
      clearInterval(watch);
      processes.delete(undefined);
      expect(processes.size).toBeGreaterThan(1);
      expect(readTrials(study)).toHaveLength(40);
    }));
});

function withStudy(
  { milliseconds, ...sizes }: { trials: number; epochs: number; milliseconds: number },
  use: (study: Study) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const document = simulatedSpec({ ...sizes, simulate: { milliseconds } });
    const { study } = await sampleStudy(createStudy(folder, document), drawRegNets);
    await use(study);
  });
}
