import { describe, expect, test } from "vitest";
import { LocalExecutor } from "../executors/local.js";
import { activeCoordinator, Coordinator, requestStop } from "./coordinator.js";
import { runStudy } from "./runStudy.js";
import { studyStatus } from "./status.js";
import { createStudy, openStudy } from "./study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "./testing.js";

const executor = new LocalExecutor({ workers: 2 });
const options = { executor, sampler: drawRegNets };

describe("the coordinator of a study", () => {
  test("is one at a time: a second is refused with the first one's place and the remedy", () =>
    inTemporaryFolder(async (folder) => {
      const study = createStudy(folder, simulatedSpec());
      const first = await Coordinator.become(study, () => undefined);
      expect(activeCoordinator(study)?.record?.owner.pid).toBe(process.pid);
      const refused = runStudy(study, options);
      await expect(refused).rejects.toThrow(
        new RegExp(`is being run by process ${process.pid} on .*regnet study stop`),
      );
      await first.end();
      expect(activeCoordinator(study)).toBeUndefined();
      expect(await runStudy(study, options)).toMatchObject({ done: 6 });
    }));

  test("stops on request from elsewhere; running again finishes the rest", () =>
    inTemporaryFolder(async (folder) => {
      const study = createStudy(folder, simulatedSpec({ trials: 40, simulate: { milliseconds: 400 } }));
      const running = runStudy(study, { ...options, observer: { onFinished: () => requestStop(openStudy(folder)) } });
      const summary = await running;
      expect(summary.stopped).toBe(true);
      expect(summary.waiting).toBeGreaterThan(0);
      const status = studyStatus(openStudy(folder));
      expect(status).toMatchObject({ done: summary.done, waiting: summary.waiting, running: [] });
      expect(requestStop(study)).toBeUndefined();
    }));

  test("tells what runs now, and what is best", () =>
    inTemporaryFolder(async (folder) => {
      const study = createStudy(folder, simulatedSpec({ trials: 6, simulate: { milliseconds: 700 }, epochs: 7 }));
      let seen: ReturnType<typeof studyStatus> | undefined;
      const onEpoch = () => {
        seen ??= studyStatus(openStudy(folder));
      };
      const summary = await runStudy(study, { ...options, observer: { onEpoch } });
      expect(seen).toMatchObject({ trials: 6, coordinator: { pid: process.pid } });
      expect(seen?.running.length).toBeGreaterThan(0);
      expect(seen?.running[0]).toMatchObject({ sure: true });
      const after = studyStatus(openStudy(folder));
      expect(after).toMatchObject({ done: 6, waiting: 0, best: summary.best });
      expect(after.coordinator).toBeUndefined();
    }));
});
