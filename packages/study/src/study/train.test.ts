import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LocalExecutor } from "../executors/local.js";
import { WorkerProcess } from "../executors/workerProcess.js";
import { newestClaim } from "./claim.js";
import { Heart } from "./heartbeat.js";
import { findImages, openImages } from "./images.js";
import { readMetrics } from "./metrics.js";
import { runStudy } from "./runStudy.js";
import { runTrial } from "./runTrial.js";
import { sampleStudy } from "./sample.js";
import type { StudySpecInput } from "./spec.js";
import { trialState } from "./status.js";
import { createStudy, type Study } from "./study.js";
import { StudyError, type Task } from "./task.js";
import { drawRegNets, GREY_IMAGES, inTemporaryFolder, writeGreyImages } from "./testing.js";
import { train } from "./train.js";
import type { DoneResult, EpochMetrics } from "./trial.js";

async function studyOf(folder: string, changes: Partial<StudySpecInput> = {}): Promise<Study> {
  const data = writeGreyImages(join(folder, "images"));
  const images = { data, ...GREY_IMAGES, epochs: 3, batch: 8 };
  const document = { name: "trained", space: "drawn", trials: 2, recipe: "quick", ...images, ...changes };
  return (await sampleStudy(createStudy(join(folder, "study"), document), drawRegNets)).study;
}

/** Puts other images in the place of those of a study. */
function invertImages(folder: string): void {
  const images = join(folder, "images", "train-images-idx3-ubyte");
  const header = 16;
  writeFileSync(
    images,
    readFileSync(images).map((byte, i) => (i < header ? byte : 255 - byte)),
  );
}

function numbersOf(study: Study, id: number): unknown {
  const lines = readFileSync(study.layout.trial(id).metrics, "utf8").trim().split("\n");
  return lines.map((line) => {
    const { epoch, loss, error, valLoss } = JSON.parse(line) as EpochMetrics;
    return { epoch, loss, error, valLoss };
  });
}

describe("trials that train", () => {
  const cache = process.env.REGNET_CACHE;
  beforeAll(() => {
    process.env.REGNET_CACHE = join(process.cwd(), "node_modules/.cache/regnet-tests");
  });
  afterAll(() => {
    if (cache === undefined) delete process.env.REGNET_CACHE;
    else process.env.REGNET_CACHE = cache;
  });

  test("give their least error, their time and their memory, and leave no weights unless asked to", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder);
      const outcome = await runTrial(study, 0);
      expect(outcome).toMatchObject({ kind: "finished", result: { state: "done", epochs: 3 } });
      const result = (outcome as { result: DoneResult }).result;
      expect(result.trainingSeconds).toBeGreaterThan(0);
      expect(result.memory).toBeGreaterThan(1e5);
      expect(existsSync(study.layout.trial(0).checkpoints)).toBe(false);
      const kept = await studyOf(join(folder, "kept"), { weights: "best" });
      await runTrial(kept, 0);
      expect(readdirSync(kept.layout.trial(0).checkpoints)).toEqual(["best.safetensors"]);
    }));

  test("stopped and gone on with, end as if undisturbed", () =>
    inTemporaryFolder(async (folder) => {
      const undisturbed = await studyOf(join(folder, "a"));
      const disturbed = await studyOf(join(folder, "b"));
      await runTrial(undisturbed, 1);
      const stop = new AbortController();
      const onEpoch = ({ epoch }: EpochMetrics) => epoch === 2 && stop.abort();
      expect(await runTrial(disturbed, 1, { signal: stop.signal, onEpoch })).toEqual({ kind: "stopped" });
      await runTrial(disturbed, 1);
      expect(numbersOf(disturbed, 1)).toEqual(numbersOf(undisturbed, 1));
    }));

  test("get further with every step whose checkpoint is on disk, not only at the ends of epochs", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder);
      const layout = study.layout.trial(0);
      const stop = new AbortController();
      const heart = new Heart(60);
      let steps = 0;
      vi.spyOn(heart, "advance").mockImplementation(() => {
        if (++steps === 8) stop.abort();
      });
      expect(await runTrial(study, 0, { signal: stop.signal, heart })).toEqual({ kind: "stopped" });
      await heart.stop();
      expect(readMetrics(layout.metrics)).toHaveLength(1);
      expect(train.progress(layout)).toBe(8);
      await runTrial(study, 0);
      expect(newestClaim(layout.claim)?.record).toMatchObject({ from: 8, released: "finished" });
      expect(train.progress(study.layout.trial(1))).toBe(0);
    }));

  test("run in worker processes, which are told where the images are", () =>
    inTemporaryFolder(async (folder) => {
      const given = vi.spyOn(WorkerProcess.prototype, "run");
      const study = await studyOf(folder);
      const summary = await runStudy(study, { executor: new LocalExecutor({ workers: 2 }), sampler: drawRegNets });
      expect(summary).toMatchObject({ done: 2, failed: 0, waiting: 0 });
      const images = await findImages(study);
      expect(given.mock.calls).toEqual([0, 1].map((id) => [id, images]));
      given.mockRestore();
    }));

  test("show how many processes pay off while they run, and come out the same", () =>
    inTemporaryFolder(async (folder) => {
      const changes = { trials: 3, epochs: 20 };
      const together = await studyOf(join(folder, "a"), changes);
      const notes: string[] = [];
      const observer = { onNote: (text: string) => notes.push(text) };
      await runStudy(together, { executor: new LocalExecutor({ warmUp: 0 }), sampler: drawRegNets, observer });
      const most = Math.min(availableParallelism(), changes.trials);
      if (most > 1)
        expect(notes).toEqual([expect.stringMatching(`^\\d of ${most} processes pay off here: \\d\\.\\d times`)]);
      const alone = await studyOf(join(folder, "b"), changes);
      for (const id of [0, 2]) {
        await runTrial(alone, id);
        expect(numbersOf(together, id)).toEqual(numbersOf(alone, id));
      }
    }));

  test("use the images that were found before, and look for them where those cannot be seen", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder);
      const images = await findImages(study);
      const elsewhere = { ...images, pack: join(folder, "not-here") };
      expect((await openImages(study, elsewhere)).fingerprint).toBe((await openImages(study)).fingerprint);
      const subset = { ...study, spec: { ...study.spec, subset: { train: 16 } } };
      rmSync(join(folder, "images"), { recursive: true });
      expect((await openImages(subset, images)).splits.train.count).toBe(16);
      await expect(openImages(study, elsewhere)).rejects.toThrow("images");
    }));

  test("fail none for images that are not those the study was made for", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder, { classes: 10 });
      await expect(runTrial(study, 0)).rejects.toThrow(/has 2 classes in 1 channels, but the study was sampled for 10/);
    }));

  test.each([
    [{ recipe: "quik" }, /unknown recipe: "quik" \(did you mean "quick"\?\)/],
    [{ engine: "onnxruntime", precision: "bf16" }, /unsupported precision bf16: onnxruntime on .* has fp32/],
  ] as const)("fail none for %j, with which none can run", (changes, message) =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder, changes);
      await expect(runTrial(study, 0)).rejects.toMatchObject({
        name: "StudyError",
        message: expect.stringMatching(message),
      });
      expect(trialState(study, 0)).toBe("waiting");
    }),
  );

  test("see the same images to the end of the study, though nobody else knows that it has started", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder);
      expect(await runTrial(study, 0)).toMatchObject({ kind: "finished", result: { state: "done" } });
      invertImages(folder);
      const refused = /images of .* have changed since the study began, as .*images.json shows: bring them back/;
      await expect(findImages(study)).rejects.toThrow(refused);
      rmSync(study.layout.started);
      await expect(findImages(study)).rejects.toThrow(refused);
      expect(trialState(study, 1)).toBe("waiting");
    }));

  test("may see other images as long as none has been trained", () =>
    inTemporaryFolder(async (folder) => {
      const study = await studyOf(folder);
      await findImages(study);
      const before = readFileSync(study.layout.images, "utf8");
      const unable: Task = { progress: () => 0, run: () => Promise.reject(new StudyError("missing engine")) };
      await expect(runTrial(study, 0, { task: unable })).rejects.toThrow("missing engine");
      expect(existsSync(study.layout.started)).toBe(true);
      invertImages(folder);
      await findImages(study);
      expect(readFileSync(study.layout.images, "utf8")).not.toBe(before);
    }));
});
