import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { LoaderOptions } from "../augment/loader.js";
import { augmentationSchema } from "../augment/schema.js";
import type { DataSet } from "../data/dataSet.js";
import { openDataSet } from "../data/open.js";
import { temporaryFolder } from "../data/testing/temporary.js";
import { Passes } from "./passes.js";

const folder = temporaryFolder();
let dataSet: DataSet;
beforeAll(async () => {
  dataSet = await openDataSet("shapes:40", { cacheDirectory: join(folder.path, "cache") });
});
afterAll(folder.remove);

const started: Worker[] = [];
const count = (worker: Worker) => started.push(worker);
beforeEach(() => {
  started.length = 0;
  process.on("worker", count);
});
afterEach(() => {
  process.off("worker", count);
});

function passes(options: Partial<LoaderOptions> = {}): Passes {
  const augmentation = augmentationSchema.parse({ crop: { kind: "randomResizedCrop" }, flip: 0.5 });
  const base = { dataSet, split: "train", mode: "train", batch: 8, resolution: 24, steps: 4, augmentation } as const;
  return new Passes({ ...base, ...options });
}

async function seen(from: Passes): Promise<{ step: number; images: number[] }[]> {
  const batches: { step: number; images: number[] }[] = [];
  await from.each(async ({ step, images }) => {
    batches.push({ step, images: [...images] });
  });
  return batches;
}

it("shows the same batches in each pass, by one worker, which is gone after close", async () => {
  const expected = await seen(passes({ workers: 0 }));
  expect(expected.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  expect(started).toHaveLength(0);
  const kept = passes();
  for (let pass = 0; pass < 3; pass++) expect(await seen(kept)).toEqual(expected);
  expect(started).toHaveLength(1);
  expect(started[0].threadId).toBeGreaterThan(0);
  await kept.close();
  expect(started[0].threadId).toBe(-1);
  await kept.close();
});

it.each([0, 1])("begins anew after an error, with %i workers", async (workers) => {
  const expected = await seen(passes({ workers: 0 }));
  const kept = passes({ workers });
  const interrupted = kept.each(async ({ step }) => {
    if (step === 1) throw new Error("stop here");
  });
  await expect(interrupted).rejects.toThrow("stop here");
  for (const worker of started) expect(worker.threadId).toBe(-1);
  expect(await seen(kept)).toEqual(expected);
  await kept.close();
});

it("starts nothing before the first pass", async () => {
  await passes().close();
  expect(started).toHaveLength(0);
});
