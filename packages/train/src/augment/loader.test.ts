import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DataSet } from "../data/dataSet.js";
import { openDataSet } from "../data/open.js";
import { temporaryFolder } from "../data/testing/temporary.js";
import { createLoader } from "./createLoader.js";
import type { Batch, Loader, LoaderOptions } from "./loader.js";
import { augmentationSchema } from "./schema.js";

const folder = temporaryFolder();
let dataSet: DataSet;
beforeAll(async () => {
  dataSet = await openDataSet("shapes:100", { cacheDirectory: join(folder.path, "cache") });
});
afterAll(folder.remove);

const everything = augmentationSchema.parse({
  crop: { kind: "randomResizedCrop" },
  flip: 0.5,
  colourJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  randAugment: {},
  erasing: {},
  mix: { mixup: 0.8, cutmix: 1 },
});

function loader(options: Partial<LoaderOptions> = {}): Loader {
  const plain = augmentationSchema.parse({});
  const base = { dataSet, split: "train", mode: "train", batch: 8, resolution: 24, workers: 0, seed: 5 } as const;
  return createLoader({ ...base, augmentation: plain, ...options });
}

/** Copies of all batches. */
async function collect(from: Loader): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const { images, targets, labels, indices, ...rest } of from) {
    batches.push({
      ...rest,
      images: Float32Array.from(images),
      targets: Float32Array.from(targets),
      labels: Int32Array.from(labels),
      indices: Int32Array.from(indices),
    });
  }
  return batches;
}

describe("in training", () => {
  it.each([0, 1])("lets the event loop turn before each batch, also when %i workers have it ready", async (workers) => {
    const from = loader({ workers });
    await from.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let batch = 0; batch < 2; batch++) {
      let served = false;
      setImmediate(() => {
        served = true;
      });
      await from.next();
      expect(served).toBe(true);
    }
    await from.close();
  });

  it("gives the same batches whatever the number of workers and slots", async () => {
    const options = { augmentation: everything, steps: 17, labelSmoothing: 0.1 };
    const alone = await collect(loader(options));
    expect(alone.map(({ step }) => step)).toEqual(Array.from({ length: 17 }, (_, i) => i));
    for (const [workers, ahead] of [
      [1, 1],
      [1, 3],
      [3, 2],
    ]) {
      expect(await collect(loader({ ...options, workers, ahead }))).toEqual(alone);
    }
  });

  it("can start at any step as if it had not stopped", async () => {
    const whole = await collect(loader({ augmentation: everything, steps: 30 }));
    const resumed = await collect(loader({ augmentation: everything, startStep: 19, steps: 30, workers: 2 }));
    expect(resumed).toEqual(whole.slice(19));
  });

  it("differs by the seed", async () => {
    const [one, other] = [await loader({ seed: 1 }).next(), await loader({ seed: 2 }).next()];
    expect(one?.indices).not.toEqual(other?.indices);
  });

  it("sees every image once an epoch, in another order each", async () => {
    const epochs = loader({ batch: 10, steps: 20 });
    expect(epochs.stepsPerEpoch).toBe(10);
    const batches = await collect(epochs);
    const order = (epoch: number) => batches.filter((b) => b.epoch === epoch).flatMap(({ indices }) => [...indices]);
    expect(order(0).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(order(1).toSorted((a, b) => a - b)).toEqual(order(0).toSorted((a, b) => a - b));
    expect(order(1)).not.toEqual(order(0));
  });

  it("drops what is left of an epoch, and repeats images where there are fewer than a batch", async () => {
    expect(loader({ batch: 30 }).stepsPerEpoch).toBe(3);
    const large = loader({ batch: 250, steps: 1 });
    expect(large.stepsPerEpoch).toBe(1);
    const [{ indices }] = await collect(large);
    expect(new Set(indices).size).toBe(100);
  });

  it("gives each image its class, smoothed", async () => {
    const [{ targets, labels, indices }] = await collect(loader({ steps: 1, labelSmoothing: 0.1 }));
    for (let i = 0; i < 8; i++) {
      expect(labels[i]).toBe(dataSet.splits.train.labels[indices[i]]);
      const row = [...targets.subarray(10 * i, 10 * i + 10)];
      expect(row.indexOf(Math.max(...row))).toBe(labels[i]);
      expect(row[labels[i]]).toBeCloseTo(0.91, 6);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
  });
});

describe("in evaluation", () => {
  it("passes once in order, pads the last batch and ignores the training augmentation", async () => {
    const options = { split: "val", mode: "evaluate", batch: 8, augmentation: everything } as const;
    const batches = await collect(loader({ ...options, workers: 1 }));
    expect(batches.map(({ valid }) => valid)).toEqual([8, 8, 4]);
    expect(batches.flatMap(({ indices }) => [...indices])).toEqual([...Array(20).keys(), -1, -1, -1, -1]);
    const last = batches[2];
    expect([...last.labels.subarray(4)]).toEqual([-1, -1, -1, -1]);
    expect(last.images.subarray(4 * 3 * 24 * 24).every((value) => value === 0)).toBe(true);
    expect(last.targets.subarray(40).every((value) => value === 0)).toBe(true);
    expect(await collect(loader(options))).toEqual(batches);
  });

  it("shows the stored pixels, normalised", async () => {
    const normalisation = { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 1] };
    const [{ images }] = await collect(
      loader({ split: "val", mode: "evaluate", batch: 1, resolution: 32, steps: 1, normalisation }),
    );
    const { data } = dataSet.splits.val.image(0);
    for (const c of [0, 1, 2]) {
      const at = 1024 * c + 77;
      expect(images[at]).toBeCloseTo((data[at] / 255 - normalisation.mean[c]) / normalisation.std[c], 5);
    }
  });

  it("normalises by the training images unless told otherwise: mean 0, deviation 1", async () => {
    const [{ images }] = await collect(loader({ mode: "evaluate", batch: 100, resolution: 32 }));
    const mean = images.reduce((a, b) => a + b) / images.length;
    expect(Math.abs(mean)).toBeLessThan(1e-4);
    expect(images.reduce((sum, value) => sum + value * value, 0) / images.length).toBeCloseTo(1, 3);
  });
});

it.each([0, 2])("delivers into given memory, with %i workers", async (workers) => {
  const into = { images: new Float32Array(8 * 3 * 24 * 24), targets: new Float32Array(80) };
  const [expected] = await collect(loader({ steps: 1, augmentation: everything }));
  const filled = loader({ into, workers, augmentation: everything });
  const batch = await filled.next();
  expect(batch?.images).toBe(into.images);
  expect(into.images).toEqual(expected.images);
  expect(into.targets).toEqual(expected.targets);
  await filled.close();
});

it.each([
  [0, 1],
  [1, 1],
  [1, 5],
  [2, 2],
  [3, 1],
])("repeats its batches pass by pass, with %i workers that are %i ahead", async (workers, ahead) => {
  for (const options of [
    { steps: 5, startStep: 1, augmentation: everything },
    { split: "val", mode: "evaluate" },
  ] as const) {
    const expected = await collect(loader(options));
    const repeated = loader({ ...options, workers, ahead, repeat: true });
    for (let pass = 0; pass < 3; pass++) {
      for (const batch of expected) expect(await repeated.next()).toEqual(batch);
      expect(await repeated.next()).toBeUndefined();
    }
    await repeated.close();
    expect(await repeated.next()).toBeUndefined();
    expect(await repeated.next()).toBeUndefined();
  }
});

it("has nothing to repeat where it begins at its end", async () => {
  for (const workers of [0, 1]) {
    const empty = loader({ startStep: 3, steps: 3, repeat: true, workers });
    expect([await empty.next(), await empty.next()]).toEqual([undefined, undefined]);
    await empty.close();
  }
});

it("ends after close, also twice, and while workers are ahead", async () => {
  for (const workers of [0, 2]) {
    const closed = loader({ workers });
    await closed.next();
    await closed.close();
    await closed.close();
    expect(await closed.next()).toBeUndefined();
  }
});

it("counts the time that callers waited", async () => {
  const measured = loader({ workers: 1 });
  await measured.next();
  expect(measured.waited).toBeGreaterThan(0);
  await measured.close();
});

it("says why a worker failed", async () => {
  const away = join(folder.path, "away");
  cpSync(dataSet.handle.pack, away, { recursive: true });
  const handle = { pack: away };
  const broken = createLoader({
    dataSet: Object.assign(Object.create(dataSet) as DataSet, { handle }),
    split: "train",
    mode: "train",
    batch: 8,
    resolution: 24,
    augmentation: everything,
  });
  rmSync(away, { recursive: true });
  await expect(broken.next()).rejects.toThrow(/image worker failed: missing image cache/);
  await broken.close();
});

it.each([
  [{ batch: 0 }, /invalid batch: got 0/],
  [{ resolution: 5000 }, /invalid resolution/],
  [{ startStep: -1 }, /invalid startStep/],
  [{ workers: 65 }, /invalid workers: got 65, expected a whole number from 0 to 64/],
  [{ labelSmoothing: 1 }, /invalid labelSmoothing/],
  [
    { into: { images: new Float32Array(1), targets: new Float32Array(80) } },
    /invalid into.images: got 1, expected 13824/,
  ],
])("refuses %o", (options, message) => {
  expect(() => loader(options)).toThrow(message);
});

it("refuses a split without images", async () => {
  const all = await openDataSet("shapes:10", { cacheDirectory: join(folder.path, "cache") });
  const empty = Object.assign(Object.create(all) as DataSet, { splits: { ...all.splits, val: { count: 0 } } });
  expect(() => loader({ dataSet: empty, split: "val", mode: "evaluate" })).toThrow(/no val images/);
});
