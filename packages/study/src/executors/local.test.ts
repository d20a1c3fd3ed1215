import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runStudy } from "../study/runStudy.js";
import { createStudy, openStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import type { RunObserver } from "./executor.js";
import { LocalExecutor } from "./local.js";

const executor = new LocalExecutor({ workers: 2 });

describe("the local executor", () => {
  test("runs every trial once, resumes by running again and grows by --trials", () =>
    inTemporaryFolder(async (folder) => {
      const study = createStudy(folder, simulatedSpec({ trials: 5 }));
      const finished: number[] = [];
      const observer: RunObserver = { onFinished: ({ trial }) => finished.push(trial.id) };
      const first = await runStudy(study, { executor, sampler: drawRegNets, observer });
      expect(first).toMatchObject({ trials: 5, done: 5, failed: 0, waiting: 0, stopped: false });
      expect(finished.sort()).toEqual([0, 1, 2, 3, 4]);
      const again = await runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer });
      expect(again).toMatchObject({ done: 5 });
      expect(finished).toHaveLength(5);
      await runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer, trials: 8 });
      expect(finished.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }));

  test("tries a trial that kills its worker three times more, then records it with the end of its errors", () =>
    inTemporaryFolder(async (folder) => {
      const notes: string[] = [];
      const spec = simulatedSpec({ simulate: { milliseconds: 1, crash: [1] } });
      const options = { executor, sampler: drawRegNets, observer: { onNote: (text: string) => notes.push(text) } };
      const summary = await runStudy(createStudy(folder, spec), options);
      expect(summary).toMatchObject({ done: 5, failed: 1, waiting: 0 });
      const result = JSON.parse(readFileSync(openStudy(folder).layout.trial(1).result, "utf8"));
      expect(result).toMatchObject({ state: "failed", attempt: 5 });
      expect(result.reason).toBe("crashed 4 times without getting further");
      expect(result.tail).toContain("trial 1 crashes, as it was told to");
      expect(result.tail).toContain("killed by SIGKILL");
      expect(notes.filter((text) => text.includes("trial 1"))).toHaveLength(4);
    }));
});
