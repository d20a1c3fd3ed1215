import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { openDataSet } from "../data/open.js";
import { newOwner } from "../lock/owner.js";
import { openRunData } from "../run/data.js";
import { RunLayout } from "../run/layout.js";
import { readRun } from "../run/read.js";
import { evaluate } from "../use/evaluate.js";
import type { RunResult, TrainOptions } from "./options.js";
import { resumeOptions } from "./resume.js";
import { temporaryFolder, tinyConvNeXt, tinyOptions, tinyRecipe } from "./testing/tiny.js";
import { train } from "./train.js";

const modern: Partial<TrainOptions> = {
  model: tinyConvNeXt,
  recipe: {
    ...tinyRecipe,
    optimiser: { kind: "adamw" },
    learningRate: 1e-3,
    decay: "matrices",
    labelSmoothing: 0.1,
    clipNorm: 1,
    average: { decay: 0.9 },
    augmentation: { crop: { kind: "randomResizedCrop" }, mix: { mixup: 0.8, cutmix: 1 } },
  },
};

describe("train", () => {
  it("rests where it is told to, and goes on in the same folder or in another with the same bits", async () => {
    const recipe = { ...tinyRecipe, average: { decay: 0.9 }, schedule: { kind: "trapezoid", cooldown: 0.5 } } as const;
    const whole = tinyOptions({ recipe, steps: 14 });
    await train(whole);
    const parts = tinyOptions({ recipe, steps: 14 });
    const rested = await train({ ...parts, pause: { steps: 3 } });
    expect(rested).toMatchObject({ state: "paused", step: 3, epochs: [{ step: 3 }] });
    expect(rested.trained).toBeGreaterThan(0);
    expect(await train({ ...parts, resume: true, pause: { steps: 3 } })).toMatchObject({ state: "paused", step: 3 });
    expect(await train({ ...parts, resume: true, pause: { steps: 8 } })).toMatchObject({ state: "paused", step: 8 });
    const next = { ...tinyOptions({ recipe, steps: 14 }), continues: parts.folder };
    const result = await train(next);
    expect(result).toMatchObject({ state: "finished", step: 14 });
    expect(result.trained).toBeGreaterThan(rested.trained);
    expect(tensors(next.folder, "last")).toEqual(tensors(whole.folder, "last"));
  });

  it("rests after so many seconds of steps, and needs something to go on from", async () => {
    const options = tinyOptions({ steps: 1000, pause: { seconds: 1e-3 } });
    expect(await train(options)).toMatchObject({ state: "paused", step: 1 });
    await expect(train({ ...tinyOptions(), continues: join(options.folder, "none") })).rejects.toThrow(
      /^missing .*go on/,
    );
  });

  it("lets images grow up to the size that it evaluates", async () => {
    const recipe = { ...tinyRecipe, resizing: { from: 0.5, steps: 2, until: 0.8 } };
    const result = await train(tinyOptions({ recipe, epochs: 5 }));
    expect(result.epochs).toHaveLength(5);
    expect(result.epochs[4].loss).toBeLessThan(result.epochs[0].loss);
  });

  it("judges on images held out once nothing is chosen any more", async () => {
    const options = tinyOptions({ data: "shapes:300" });
    const { test, best } = await train(options);
    expect(test?.images).toBe(30);
    const again = await evaluate({ network: options.folder, split: "test", engine: "onnxruntime", threads: 1 });
    expect([again.images, again.top1]).toEqual([30, test?.top1]);
    const val = await evaluate({ network: options.folder, engine: "onnxruntime", threads: 1 });
    expect([val.images, val.top1]).toEqual([30, best?.top1]);
    expect((await train({ ...options, resume: true })).test).toEqual(test);
    expect((await train(tinyOptions({ data: "shapes:300", holdOut: false }))).test).toBeUndefined();
  });

  it("trains, evaluates and keeps what it did", async () => {
    const steps: number[] = [];
    const options = tinyOptions();
    const result = await train(options, { onStep: ({ step }) => steps.push(step) });
    expect(result.state).toBe("finished");
    expect(steps).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
    expect(result.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 6],
      [2, 12],
      [3, 18],
    ]);
    for (const metrics of result.epochs) expect(metrics.error).toBeCloseTo(1 - metrics.top1, 12);
    expect(result.epochs[2].loss).toBeLessThan(result.epochs[0].loss);
    const run = readRun(options.folder);
    expect(run.epochs).toEqual(result.epochs);
    expect(run.spec).toMatchObject({ resolution: 16, channels: 3, seed: 0, data: { name: "shapes", train: 100 } });
    expect(Object.keys(run.weights())).toContain("s1.b1.conv1.bn.running_mean");
    expect(Math.min(...result.epochs.map(({ error }) => error))).toBe(result.best?.error);
  });

  it("tells what its steps and its evaluations took", async () => {
    const { epochs, seconds } = await train(tinyOptions());
    const images = 96;
    const steps = epochs.map(({ imagesPerSecond }) => images / imagesPerSecond);
    const evaluations = epochs.map(({ evaluation }) => evaluation);
    expect(Math.min(...steps, ...evaluations)).toBeGreaterThan(0);
    const told = [...steps, ...evaluations].reduce((sum, part) => sum + part, 0);
    expect(told).toBeLessThan(seconds);
  });

  it.each<[string, Partial<TrainOptions>]>([
    ["SGD and precise statistics", {}],
    ["AdamW, drop-path, averages and mixing", modern],
    ["images that grow", { recipe: { ...tinyRecipe, resizing: { from: 0.5, steps: 3, until: 0.9 } } }],
  ])("resumes bit for bit wherever it was stopped: %s", async (_, changes) => {
    const whole = tinyOptions(changes);
    await train(whole);
    const parts = tinyOptions(changes);
    for (const at of [4, 6, 13]) {
      const result = await trainUntil(at, { ...parts, resume: "auto" });
      expect(result).toMatchObject({ state: "stopped", step: at });
    }
    expect((await train({ ...parts, resume: true })).state).toBe("finished");
    expect(tensors(parts.folder, "last")).toEqual(tensors(whole.folder, "last"));
    expect(tensors(parts.folder, "best")).toEqual(tensors(whole.folder, "best"));
    expect(losses(parts.folder)).toEqual(losses(whole.folder));
  });

  it("goes on from its folder alone, with the same images, whether or not it was told a resolution", async () => {
    for (const resolution of [undefined, 16]) {
      const options = tinyOptions({ epochs: 2, batch: 50, resolution });
      await trainUntil(3, options);
      const known = resumeOptions(options.folder);
      expect(known).toMatchObject({ engine: "onnxruntime", threads: 1 });
      const resumed = await train({ ...known, workers: 0 }, { onNote: (note) => expect.unreachable(note) });
      expect(resumed).toMatchObject({ state: "finished", step: 4 });
      const { images, top1 } = await evaluate({ network: options.folder, engine: "onnxruntime", threads: 1 });
      expect([images, top1]).toEqual([20, resumed.best?.top1]);
      const data = await openDataSet("shapes:100", { resolution, holdOut: true });
      expect((await openRunData(options.folder)).fingerprint).toBe(data.fingerprint);
    }
  });

  it("says where it goes on otherwise than it was begun", async () => {
    const options = tinyOptions({ epochs: 1, batch: 50 });
    await trainUntil(1, options);
    const notes: string[] = [];
    await train({ ...resumeOptions(options.folder), workers: 0, threads: 2 }, { onNote: (note) => notes.push(note) });
    expect(notes).toEqual(["threads 2 in place of 1: from here on not bit for bit as the run was begun"]);
  });

  it("goes on from its folder with a data set that was given open", async () => {
    const options = tinyOptions({ data: await openDataSet("shapes:100", { resolution: 24 }), epochs: 1, batch: 50 });
    await trainUntil(1, options);
    expect(() => resumeOptions(options.folder)).toThrow(/missing data set of the run; say which with --data/);
    const known = { ...resumeOptions(options.folder, "shapes:100"), workers: 0 };
    await expect(train(known)).rejects.toThrow(/invalid normalisation for resuming/);
    expect((await train({ ...known, data: options.data })).state).toBe("finished");
  });

  it("goes on after a torn line, and writes no epoch twice", async () => {
    const options = tinyOptions();
    await trainUntil(7, options);
    appendFileSync(new RunLayout(options.folder).metrics, '{"epoch":2,"step":12,"lo');
    await train({ ...options, resume: true });
    expect(readRun(options.folder).epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(readFileSync(new RunLayout(options.folder).metrics, "utf8").trim().split("\n")).toHaveLength(3);
    expect(readdirSync(options.folder).filter((name) => name.startsWith("events.out.tfevents."))).toHaveLength(1);
  });

  it("gives a finished run back without training it again", async () => {
    const options = tinyOptions({ epochs: 1 });
    const first = await train(options);
    const again = await train({ ...options, resume: true }, { onStep: () => expect.unreachable("it has finished") });
    expect(again).toMatchObject({ state: "finished", epochs: first.epochs, best: first.best });
  });

  it("keeps no weights where none are wanted, and resumes all the same", async () => {
    const whole = tinyOptions();
    await train(whole);
    const options = tinyOptions({ keepWeights: false });
    await trainUntil(8, options);
    const finished = await train({ ...options, resume: true });
    expect(losses(options.folder)).toEqual(losses(whole.folder));
    expect(tensors(options.folder, "last")).toEqual({});
    expect(readdirSync(join(options.folder, "checkpoints"))).toEqual(["last.safetensors"]);
    const again = await train({ ...options, resume: true }, { onStep: () => expect.unreachable("it has finished") });
    expect(again).toMatchObject({ state: "finished", epochs: finished.epochs, best: finished.best });
  });

  it("is the only one in its folder, unless the other has died", async () => {
    const options = tinyOptions({ epochs: 2 });
    const { lock } = new RunLayout(options.folder);
    await trainUntil(3, options);
    expect(existsSync(lock)).toBe(false);
    const seen: boolean[] = [];
    const both = await Promise.allSettled([
      train({ ...options, resume: true }, { onStep: () => void seen.push(existsSync(lock)) }),
      train({ ...options, resume: true }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { message: expect.stringMatching(/is being trained in by another process; stop that one/) },
    });
    expect(seen).toEqual([true, true, true, true, true, true, true, true, true]);
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(lock, newOwner(pid));
    expect((await train({ ...options, resume: true })).state).toBe("finished");
    expect(existsSync(lock)).toBe(false);
  });

  it("leaves no folder where nothing was begun", async () => {
    const options = tinyOptions();
    await expect(train({ ...options, resume: true })).rejects.toThrow(/nothing to resume/);
    expect(existsSync(options.folder)).toBe(false);
  });

  it("does not go on from what is left of a run", async () => {
    const options = tinyOptions({ epochs: 3 });
    const { last, spec, best } = new RunLayout(options.folder);
    await train(options);
    const weights = readFileSync(best);
    rmSync(last);
    await expect(train({ ...options, resume: true })).rejects.toThrow(
      /missing .*last\.safetensors; .*begin another run/,
    );
    expect(readFileSync(best).equals(weights)).toBe(true);
    expect(readRun(options.folder).epochs).toHaveLength(3);
    writeFileSync(last, weights.subarray(0, 100));
    await expect(train({ ...options, resume: true })).rejects.toThrow(/last\.safetensors: corrupt/);
    rmSync(spec);
    await expect(train(options)).rejects.toThrow(/missing .*run\.json; .*is what is left of a run; remove it/);
  });

  it("refuses to overwrite a run, to resume nothing, and to resume another run", async () => {
    const options = tinyOptions({ epochs: 1 });
    await expect(train({ ...options, resume: true })).rejects.toThrow(/nothing to resume/);
    await train(options);
    await expect(train(options)).rejects.toThrow(/holds a run already.*--resume/);
    await expect(train({ ...options, resume: true, seed: 1 })).rejects.toThrow(/seed for resuming: got 1, expected 0/);
    await expect(train({ ...options, resume: true, learningRate: 9 })).rejects.toThrow(/recipe for resuming/);
  });

  it("begins one run in a folder that two are started in at once", async () => {
    const options = tinyOptions({ epochs: 1 });
    const results = await Promise.allSettled([train(options), train({ ...options, seed: 1 })]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((one) => one.status === "rejected");
    expect(String(refused?.reason)).toMatch(/is being trained in by another process/);
    const seed = results[0].status === "fulfilled" ? 0 : 1;
    expect(readRun(options.folder)).toMatchObject({ spec: { seed }, epochs: [{ epoch: 1 }] });
    expect(readdirSync(options.folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("stops where the loss is no number, says where and what to try, and keeps the checkpoint", async () => {
    const options = tinyOptions({ recipe: { ...tinyRecipe, optimiser: { kind: "sgd" }, learningRate: 1e30 } });
    await expect(train(options)).rejects.toThrow(
      /training diverged at step \d+ \(epoch \d\): the loss is \S+ at learning rate \S+; try --lr \S+, a longer warm-up/,
    );
    expect(readRun(options.folder).spec.recipe.learningRate).toBe(1e30);
  });

  it("says so, too, where the last step before an evaluation left weights that are no numbers", async () => {
    const recipe = { ...tinyRecipe, warmup: undefined, epochs: 1, batch: 100, learningRate: 1e39 };
    await expect(train(tinyOptions({ recipe }))).rejects.toThrow(
      /training diverged at step 1 .*the loss is NaN at .*try --lr/,
    );
  });

  it("keeps no checkpoint of weights that are no numbers", async () => {
    const recipe = { ...tinyRecipe, warmup: undefined, learningRate: 1e39 };
    const options = tinyOptions({ recipe, checkpointSeconds: 1e-9 });
    await expect(train(options)).rejects.toThrow(/training diverged at step 1 .*the loss is NaN at .*try --lr/);
    expect(existsSync(new RunLayout(options.folder).last)).toBe(false);
  });

  it("fits its schedule to a time, and ends at the bottom of it", async () => {
    const rates: number[] = [];
    const result = await train(tinyOptions({ time: 3 }), { onStep: ({ learningRate }) => rates.push(learningRate) });
    expect(result.state).toBe("finished");
    expect(rates.length).toBe(result.step);
    expect(rates[rates.length - 1]).toBeLessThan(0.2 * Math.max(...rates));
    expect(result.epochs[result.epochs.length - 1].step).toBe(result.step);
  });

  it("starts from another run's weights, freezes what it is told, and makes a new head", async () => {
    const first = tinyOptions({ epochs: 1 });
    await train(first);
    const notes: string[] = [];
    const tuned = tinyOptions({ epochs: 1, from: { weights: first.folder, freeze: 2, newHead: true } });
    await train(tuned, { onNote: (note) => notes.push(note) });
    const [before, after] = [tensors(first.folder, "best"), tensors(tuned.folder, "best")];
    expect(notes).toEqual([`starts from ${first.folder}: anynet`, "the head starts anew"]);
    for (const name of ["stem.conv.weight", "s1.b1.conv2.bn.running_var"]) expect(after[name]).toEqual(before[name]);
    expect(after["s2.b1.conv1.conv.weight"]).not.toEqual(before["s2.b1.conv1.conv.weight"]);
  });

  it("names the option that is wrong", async () => {
    await expect(train(tinyOptions({ batch: 0 }))).rejects.toThrow("invalid batch: got 0, expected a positive integer");
    await expect(train(tinyOptions({ epochs: 2, time: 9 }))).rejects.toThrow(/either epochs or time/);
    await expect(train(tinyOptions({ from: { weights: temporaryFolder(), freeze: 9 } }))).rejects.toThrow(/freeze/);
  });
});

function trainUntil(step: number, options: TrainOptions): Promise<RunResult> {
  const stop = new AbortController();
  const onStep = (progress: { readonly step: number }) => progress.step === step && stop.abort();
  return train({ ...options, signal: stop.signal }, { onStep });
}

function tensors(folder: string, which: "last" | "best"): Record<string, unknown> {
  const { tensors } = readSafetensors(readFileSync(join(folder, "checkpoints", `${which}.safetensors`)));
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

function losses(folder: string): unknown[] {
  return readRun(folder).epochs.map(({ loss, trainTop1, valLoss, top1, learningRate }) => ({
    ...{ loss, trainTop1, valLoss, top1, learningRate },
  }));
}
