import { expect, test, vi } from "vitest";
import { runStudy } from "../study/runStudy.js";
import { createStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { executorContract } from "./executorContract.js";
import { LocalExecutor } from "./local.js";
import { WorkerProcess } from "./workerProcess.js";

executorContract("the local executor", () => new LocalExecutor({ workers: 2 }));

test("the local executor's workers start while the population is drawn, and end where it cannot be", () =>
  inTemporaryFolder(async (folder) => {
    const ended = vi.spyOn(WorkerProcess.prototype, "kill");
    const executor = new LocalExecutor({ workers: 1 });
    const study = createStudy(folder, simulatedSpec());
    const sampler = () => {
      throw new Error("no network fits");
    };
    await expect(runStudy(study, { executor, sampler })).rejects.toThrow("no network fits");
    expect(ended).toHaveBeenCalledTimes(1);
    expect(await runStudy(study, { executor, sampler: drawRegNets })).toMatchObject({ done: 6 });
    expect(new Set(ended.mock.contexts).size).toBe(2);
    ended.mockRestore();
  }));

test("the local executor has as many workers as all trials need, though fewer were told of while it got ready", () =>
  inTemporaryFolder(async (folder) => {
    const slots = new Set<number>();
    const study = createStudy(folder, simulatedSpec({ trials: 1, simulate: { milliseconds: 300 } }));
    const observer = { onBegin: (_: number, slot: number) => slots.add(slot) };
    await runStudy(study, { executor: new LocalExecutor({ workers: 2 }), sampler: drawRegNets, trials: 6, observer });
    expect([...slots].sort()).toEqual([0, 1]);
  }));
