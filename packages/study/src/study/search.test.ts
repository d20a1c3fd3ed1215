import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LocalExecutor } from "../executors/local.js";
import { studyReport } from "../report/studyReport.js";
import { searchKinds } from "../search/index.js";
import { newStudy } from "./newStudy.js";
import { readTrials } from "./read.js";
import { runStudy } from "./runStudy.js";
import { spaceSampler } from "./sampleSpace.js";
import type { StudySpecInput } from "./spec.js";
import { studyStatus } from "./status.js";
import { openStudy } from "./study.js";
import { GREY_IMAGES, inTemporaryFolder, simulatedSpec, writeGreyImages } from "./testing.js";

const sampler = spaceSampler();

function searchSpec(kind: (typeof searchKinds)[number], changes: Partial<StudySpecInput> = {}) {
  const search = kind === "halving" ? { kind, networks: 9 } : kind === "evolution" ? { kind, population: 6 } : { kind };
  const weights = kind === "halving" || kind === "asha" ? ("state" as const) : undefined;
  return simulatedSpec({ space: "RegNetX", search, trials: 20, epochs: 9, weights, ...changes });
}

function run(folder: string, options: { trials?: number; signal?: AbortSignal; retryFailed?: boolean } = {}) {
  return runStudy(openStudy(folder), { executor: new LocalExecutor({ workers: 2 }), sampler, ...options });
}

const trialsOf = (folder: string) =>
  readTrials(openStudy(folder)).map(({ trial, result }) => ({
    ...trial,
    error: result.state === "done" && result.error,
  }));

describe("a study that searches", () => {
  test.each(searchKinds)("by %s runs wave after wave to its end, and is the same wherever it stopped", (kind) =>
    inTemporaryFolder(async (folder) => {
      const [whole, cut] = [join(folder, "whole"), join(folder, "cut")];
      const study = await newStudy(whole, searchSpec(kind), sampler);
      expect(study.sampled?.trials).toBeLessThan(20);
      expect(studyStatus(study)).toMatchObject({ trials: 20, waiting: 20 });
      expect(await run(whole)).toMatchObject({ trials: 20, done: 20, failed: 0, waiting: 0 });
      await newStudy(cut, searchSpec(kind, { simulate: { milliseconds: 30 } }), sampler);
      for (let stops = 0; stops < 3; stops++) {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 1500 + 700 * stops);
        await run(cut, { signal: stop.signal });
      }
      expect(await run(cut)).toMatchObject({ done: 20, waiting: 0 });
      expect(trialsOf(cut)).toEqual(trialsOf(whole));
    }),
  );

  test("may grow", () =>
    inTemporaryFolder(async (folder) => {
      await newStudy(join(folder, "a"), searchSpec("evolution", { trials: 10 }), sampler);
      await run(join(folder, "a"));
      expect(await run(join(folder, "a"), { trials: 16 })).toMatchObject({ done: 16, waiting: 0 });
      await newStudy(join(folder, "b"), searchSpec("evolution", { trials: 16 }), sampler);
      await run(join(folder, "b"));
      expect(trialsOf(join(folder, "a"))).toEqual(trialsOf(join(folder, "b")));
    }));

  test("finds again what was lost of it", () =>
    inTemporaryFolder(async (folder) => {
      await newStudy(folder, searchSpec("evolution"), sampler);
      await run(folder);
      const whole = trialsOf(folder);
      const { layout } = openStudy(folder);
      for (const id of [2, 13, 19]) rmSync(layout.trial(id).folder, { recursive: true });
      expect(await run(folder)).toMatchObject({ trials: 20, done: 20, waiting: 0 });
      expect(trialsOf(folder)).toEqual(whole);
      rmSync(layout.sampled);
      rmSync(layout.trial(17).result);
      expect(await run(folder)).toMatchObject({ trials: 20, done: 20, waiting: 0 });
      expect(trialsOf(folder)).toEqual(whole);
    }));

  test("goes past trials that fail, and does not run them again", () =>
    inTemporaryFolder(async (folder) => {
      await newStudy(folder, searchSpec("tpe", { trials: 14, simulate: { milliseconds: 1, crash: [2] } }), sampler);
      expect(await run(folder)).toMatchObject({ done: 13, failed: 1, waiting: 0 });
      await expect(run(folder, { retryFailed: true })).rejects.toThrow(/is a search, .* make a new study/);
    }));

  test(
    "trains: what is promoted goes on from its state",
    () =>
      inTemporaryFolder(async (folder) => {
        const images = { data: writeGreyImages(join(folder, "images")), ...GREY_IMAGES };
        const spec = searchSpec("halving", { task: "train", recipe: "quick", trials: 13, batch: 16, ...images });
        await newStudy(join(folder, "study"), { ...spec, limits: { flops: { max: 4e5 } } }, sampler);
        expect(await run(join(folder, "study"))).toMatchObject({ done: 13, failed: 0 });
        const records = readTrials(openStudy(join(folder, "study")));
        const steps = records.map(({ result }) => result.state === "done" && result.steps);
        expect(steps).toEqual([...Array(9).fill(3), ...Array(3).fill(9), 27]);
        for (const { trial, result } of records)
          expect([trial.until ?? 9, result]).toMatchObject([{}, { state: "done" }]);
      }),
    120_000,
  );

  test("is compared by what it found, and when, over seeds", () =>
    inTemporaryFolder(async (folder) => {
      const folders: string[] = [];
      for (const kind of ["asha", "evolution"] as const) {
        for (const seed of [0, 1]) {
          folders.push(join(folder, `${kind}${seed}`));
          await newStudy(folders[folders.length - 1], searchSpec(kind, { seed, name: `${kind}${seed}` }), sampler);
          await run(folders[folders.length - 1]);
        }
      }
      const document = studyReport(folders.map(openStudy));
      expect(document.anytime?.map(({ name, seeds }) => [name, seeds])).toEqual([
        ["asha", 2],
        ["evolution", 2],
      ]);
      for (const { best, lower, upper } of document.anytime ?? []) {
        expect(best.every((error, i) => error <= (best[i - 1] ?? 1) && lower[i] <= error && error <= upper[i])).toBe(
          true,
        );
      }
      expect(document.anytime?.[1].spent.at(-1)).toBe(20 * 9);
      // Of ASHA's trainings those in full are the population.
      const full = folders
        .slice(0, 2)
        .flatMap(trialsOf)
        .filter(({ until }) => until === undefined);
      expect(document.trials.filter(({ population }) => population.startsWith("asha"))).toHaveLength(full.length);
    }));

  test("needs what its rungs count in", () => {
    const make = (changes: object) =>
      newStudy("/nowhere", searchSpec("asha", changes as Partial<StudySpecInput>), sampler);
    return Promise.all([
      expect(make({ weights: "none" })).rejects.toThrow(/weights: got "none", expected state/),
      expect(make({ time: 9 })).rejects.toThrow(/time: got 9, expected nothing: asha counts in epochs/),
    ]);
  });
});
