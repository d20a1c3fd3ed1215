import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LocalExecutor } from "../executors/local.js";
import { Coordinator } from "./coordinator.js";
import { restingStatus } from "./rest.js";
import { runStudy } from "./runStudy.js";
import { studyStatus } from "./status.js";
import { createStudy, openStudy, type Study } from "./study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "./testing.js";

const options = { executor: new LocalExecutor({ workers: 1 }), sampler: drawRegNets };

describe("the status of a study at rest", () => {
  test("is what was found last, wherever the folder is now", () =>
    inTemporaryFolder(async (parent) => {
      const study = await studyAtRest(join(parent, "a"));
      expect(restingStatus(study.folder)).toBeUndefined();
      const found = studyStatus(study);
      expect(found).toMatchObject({ done: 3, waiting: 0 });
      expect(restingStatus(study.folder)).toEqual(found);
      const moved = join(parent, "b");
      renameSync(study.folder, moved);
      expect(restingStatus(moved)).toEqual({ ...found, folder: moved });
    }));

  test.each<[string, (study: Study) => unknown]>([
    ["a trial is begun", ({ layout }) => writeFileSync(join(layout.begun, "00001"), "")],
    ["a trial is lost", ({ layout }) => rmSync(layout.trial(1).folder, { recursive: true })],
    ["its document is changed", ({ layout }) => writeFileSync(layout.spec, `${readFileSync(layout.spec, "utf8")}\n`)],
    ["there are more trials", (study) => runStudy(study, { ...options, trials: 4 })],
    ["somebody coordinates it", (study) => Coordinator.become(study, () => undefined)],
    ["it was submitted to a scheduler", ({ layout }) => mkdirSync(layout.slurm)],
    ["its index is gone", ({ layout }) => rmSync(layout.index)],
    ["what was kept is torn", ({ layout }) => writeFileSync(layout.status, '{"version":1,"inp')],
  ])("is looked for anew once %s", (_, change) =>
    inTemporaryFolder(async (folder) => {
      const study = await studyAtRest(folder);
      studyStatus(study);
      expect(restingStatus(folder)).toBeDefined();
      const coordinator = await change(study);
      expect(restingStatus(folder)).toBeUndefined();
      if (coordinator instanceof Coordinator) await coordinator.end();
    }),
  );

  test("is not kept while somebody works at it, or where trials may have come and gone unseen", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyAtRest(folder);
      const coordinator = await Coordinator.become(study, () => undefined);
      expect(studyStatus(study).coordinator).toBeDefined();
      await coordinator.end();
      utimesSync(study.layout.trials, new Date(), new Date());
      studyStatus(study);
      expect(existsSync(study.layout.status)).toBe(false);
    }));
});

/** A finished study whose trial folders were made long ago. */
async function studyAtRest(folder: string): Promise<Study> {
  await runStudy(createStudy(folder, simulatedSpec({ trials: 3 })), options);
  const study = openStudy(folder);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(study.layout.trials, longAgo, longAgo);
  return study;
}
