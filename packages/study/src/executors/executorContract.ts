import { readFileSync, rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { requestStop } from "../study/coordinator.js";
import { readTrials } from "../study/read.js";
import { type RunSummary, runStudy } from "../study/runStudy.js";
import { spaceSampler } from "../study/sampleSpace.js";
import { studyStatus } from "../study/status.js";
import { createStudy, openStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import type { TrialRecord } from "../study/trial.js";
import type { Executor, RunObserver } from "./executor.js";

export interface ContractOptions {
  /** A folder that everything the executor starts can see. Default: the system's temporary one. */
  readonly parent?: string;
  /** Milliseconds a test may take. */
  readonly timeout?: number;
}

/** What every executor must do. Hand it one in a test file of its own. */
export function executorContract(
  name: string,
  create: () => Executor,
  { parent, timeout }: ContractOptions = {},
): void {
  const limit = { timeout };

  function run(folder: string, observer: RunObserver = {}, more: object = {}): Promise<RunSummary> {
    return runStudy(openStudy(folder), { executor: create(), sampler: drawRegNets, observer, ...more });
  }

  describe(name, () => {
    test("says that it can work here", async () => {
      expect(await create().probe()).toMatchObject({ available: true });
    });

    test("runs every trial, tells each end once, and has nothing to do the second time", limit, () =>
      inTemporaryFolder(async (folder) => {
        createStudy(folder, simulatedSpec({ trials: 5 }));
        const finished: number[] = [];
        const onFinished = ({ trial }: TrialRecord) => finished.push(trial.id);
        expect(await run(folder, { onFinished })).toMatchObject({ done: 5, failed: 0, waiting: 0, stopped: false });
        expect(finished.sort()).toEqual([0, 1, 2, 3, 4]);
        expect(await run(folder, { onFinished })).toMatchObject({ done: 5 });
        expect(finished).toHaveLength(5);
      }, parent),
    );

    test("grows by --trials, and gives the same results however it is cut", limit, () =>
      inTemporaryFolder(async (folder) => {
        createStudy(folder, simulatedSpec({ trials: 2 }));
        await run(folder);
        expect(await run(folder, {}, { trials: 4 })).toMatchObject({ trials: 4, done: 4 });
        await inTemporaryFolder(async (other) => {
          createStudy(other, simulatedSpec({ trials: 4 }));
          await run(other);
          expect(errorsOf(folder)).toEqual(errorsOf(other));
        }, parent);
      }, parent),
    );

    test("runs a search, wave after wave", limit, () =>
      inTemporaryFolder(async (folder) => {
        const search = { kind: "evolution", population: 3, wave: 2 } as const;
        createStudy(folder, simulatedSpec({ space: "RegNetX", search, trials: 7 }));
        expect(await run(folder, {}, { sampler: spaceSampler() })).toMatchObject({ trials: 7, done: 7, waiting: 0 });
      }, parent),
    );

    test(
      "tries a trial that kills its process three times more, then records it with the end of its errors",
      limit,
      () =>
        inTemporaryFolder(async (folder) => {
          createStudy(folder, simulatedSpec({ trials: 3, simulate: { milliseconds: 1, crash: [1] } }));
          expect(await run(folder)).toMatchObject({ done: 2, failed: 1, waiting: 0 });
          const result = JSON.parse(readFileSync(openStudy(folder).layout.trial(1).result, "utf8"));
          expect(result).toMatchObject({ state: "failed", attempt: 5, reason: /^crashed 4 times/ });
          expect(result.tail).toContain("trial 1 crashes, as it was told to");
        }, parent),
    );

    test("stops on request: running trials are given back, nothing runs on, and the next run goes on", limit, () =>
      inTemporaryFolder(async (folder) => {
        createStudy(folder, simulatedSpec({ trials: 4, epochs: 400, simulate: { milliseconds: 20_000 } }));
        const running = run(folder);
        await until(() => studyStatus(openStudy(folder)).running.some(({ epochs }) => epochs > 2));
        requestStop(openStudy(folder));
        const summary = await running;
        expect(summary.stopped).toBe(true);
        expect(summary.waiting).toBe(4);
        const status = studyStatus(openStudy(folder));
        expect(status).toMatchObject({ running: [], waiting: 4 });
        expect(status.coordinator).toBeUndefined();
        const executor = create();
        if (executor.pending)
          expect(await executor.pending(openStudy(folder))).toMatchObject({ running: 0, queued: 0 });
        const claims = (id: number) => openStudy(folder).layout.trial(id).metrics;
        expect(readFileSync(claims(0), "utf8").split("\n").length).toBeGreaterThan(2);
      }, parent),
    );

    test("fails no trial for what keeps all of them from running", limit, () =>
      inTemporaryFolder(async (folder) => {
        createStudy(folder, simulatedSpec({ task: "train", data: "/nowhere/at/all", trials: 2 }));
        await expect(run(folder)).rejects.toThrow("/nowhere/at/all");
        expect(studyStatus(openStudy(folder))).toMatchObject({ done: 0, failed: 0, waiting: 2 });
      }, parent),
    );

    test("runs again what was deleted", limit, () =>
      inTemporaryFolder(async (folder) => {
        createStudy(folder, simulatedSpec({ trials: 3 }));
        await run(folder);
        const before = errorsOf(folder);
        rmSync(openStudy(folder).layout.trial(1).folder, { recursive: true });
        expect(await run(folder)).toMatchObject({ done: 3, waiting: 0 });
        expect(errorsOf(folder)).toEqual(before);
      }, parent),
    );
  });
}

/** The errors of all done trials, by id. */
export function errorsOf(folder: string): (number | undefined)[] {
  return readTrials(openStudy(folder)).map(({ result }) => (result.state === "done" ? result.error : undefined));
}

/** Waits for something to become true. */
export async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + 1000 * seconds;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still not so after ${seconds} s`);
    await setTimeout(50);
  }
}
