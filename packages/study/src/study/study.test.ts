import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { appendDurably } from "@regnet/train/files";
import { describe, expect, test } from "vitest";
import { inferenceMemory } from "../analysis/memory.js";
import { errorsOf, until } from "../executors/executorContract.js";
import { LocalExecutor } from "../executors/local.js";
import { Coordinator } from "./coordinator.js";
import { HeartbeatWatch } from "./heartbeat.js";
import { newStudy } from "./newStudy.js";
import { thisOwner } from "./owner.js";
import { readTrial } from "./read.js";
import { runStudy } from "./runStudy.js";
import { MOST_ATTEMPTS, runTrial } from "./runTrial.js";
import { sampleStudy } from "./sample.js";
import { spaceSampler } from "./sampleSpace.js";
import { inputOf, type StudySpecInput } from "./spec.js";
import { studyStatus, trialState } from "./status.js";
import { createStudy, openStudy } from "./study.js";
import type { Task } from "./task.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "./testing.js";

const executor = new LocalExecutor({ workers: 1 });

function run(folder: string, trials?: number) {
  return runStudy(openStudy(folder), { executor, sampler: drawRegNets, trials });
}

/** Puts another file in the place of one that a process has open. */
function damage(file: string): void {
  rmSync(file);
  writeFileSync(file, "no database");
}

describe("a study's document", () => {
  test("names the field that is wrong", () =>
    inTemporaryFolder((folder) => {
      const make = (changes: object) => () => createStudy(folder, simulatedSpec(changes as Partial<StudySpecInput>));
      expect(make({ trials: 0 })).toThrow("invalid study: trials: got 0, expected more than 0");
      expect(make({ limits: { flops: { min: 2, max: 1 } } })).toThrow("min must not exceed max");
      expect(make({ epoch: 3 })).toThrow("epoch");
    }));

  test("may change until the study has started, and not after", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ epochs: 3 }));
      createStudy(folder, simulatedSpec({ epochs: 2 }));
      await run(folder);
      expect(() => createStudy(folder, simulatedSpec({ epochs: 3 }))).toThrow(/has started, but its epochs changed/);
      expect(createStudy(folder, simulatedSpec({ epochs: 2 })).sampled?.trials).toBe(6);
      const file = join(folder, "study.json");
      writeFileSync(file, readFileSync(file, "utf8").replace('"seed": 0', '"seed": 1'));
      expect(() => openStudy(folder)).toThrow(/has started, but its seed changed; restore it as in .*started.json/);
    }));

  test("is left alone by a new one that another process refuses", () =>
    inTemporaryFolder(async (folder) => {
      const study = await newStudy(folder, simulatedSpec({ epochs: 2 }), drawRegNets);
      const coordinator = await Coordinator.become(study, () => undefined);
      await expect(newStudy(folder, simulatedSpec({ epochs: 3 }), drawRegNets)).rejects.toThrow(
        /is being run by process/,
      );
      await coordinator.end();
      expect(openStudy(folder).spec.epochs).toBe(2);
    }));

  test("is compared with how the study started, whatever became of sampled.json", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ epochs: 2 }));
      await run(folder);
      rmSync(join(folder, "sampled.json"));
      rmSync(join(folder, "study.json"));
      expect(() => createStudy(folder, simulatedSpec({ epochs: 3 }))).toThrow(/has started, but its epochs changed/);
      createStudy(folder, simulatedSpec({ epochs: 2 }));
      expect(await run(folder)).toMatchObject({ done: 6, waiting: 0 });
    }));

  test("may not change either where started.json was lost", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ epochs: 2 }));
      await run(folder);
      rmSync(join(folder, "started.json"));
      expect(() => createStudy(folder, simulatedSpec({ epochs: 3 }))).toThrow(
        /epochs changed; restore it as in .*sampled/,
      );
    }));

  test("a folder without one is named, with the remedy", () =>
    inTemporaryFolder((folder) => {
      expect(() => openStudy(folder)).toThrow(/missing study .*regnet study new/);
      writeFileSync(join(folder, "study.json"), "{");
      expect(() => openStudy(folder)).toThrow(/corrupt .*study.json: not JSON/);
    }));
});

describe("sampling a study", () => {
  test("gives the same networks again, whatever their number", () =>
    inTemporaryFolder(async (folder) => {
      const spec = simulatedSpec({ space: "RegNetX", limits: { flops: { max: 3e6 } }, trials: 5 });
      const { study } = await sampleStudy(createStudy(folder, spec), spaceSampler());
      const before = readdirSync(study.layout.trials).map((name) =>
        readFileSync(join(folder, "trials", name, "trial.json")),
      );
      const grown = await sampleStudy(study, spaceSampler(), 8);
      expect(grown.written).toBe(3);
      const after = readdirSync(study.layout.trials).map((name) =>
        readFileSync(join(folder, "trials", name, "trial.json")),
      );
      expect(after.slice(0, 5)).toEqual(before);
      await expect(sampleStudy(grown.study, spaceSampler(), 4)).rejects.toThrow("may only grow");
    }));

  test("keeps limits on memory and, by its model, on latency", () =>
    inTemporaryFolder(async (folder) => {
      const limits = { memory: { max: 250_000 }, latency: { min: 0.3, max: 0.4 } };
      const latencyModel = { flops: 1e-7, second: 0, secondTerm: "acts", depth: 0, constant: 0.1 } as const;
      const spec = simulatedSpec({ space: "RegNetX-small", limits, latencyModel, trials: 12 });
      const { study } = await sampleStudy(createStudy(folder, spec), spaceSampler());
      for (let id = 0; id < 12; id++) {
        const { model, complexity } = readTrial(study, id) ?? {};
        expect(complexity?.flops).toBeGreaterThanOrEqual(2e6);
        expect(complexity?.flops).toBeLessThanOrEqual(3e6);
        expect(model && inferenceMemory(model, inputOf(study.spec))).toBeLessThanOrEqual(250_000);
      }
      expect(Object.keys(study.sampled?.acceptance.rejected ?? {})).toEqual(
        expect.arrayContaining(["memory above", "latency above", "latency below"]),
      );
      const without = () => createStudy(folder, { ...spec, latencyModel: undefined });
      expect(without).toThrow(/missing study.latencyModel for the limit on latency; regnet study new --latency fits/);
    }));

  test("notices a deleted trial folder, also where nothing had changed for a while", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      await run(folder);
      const { trials } = study.layout;
      const past = new Date(Date.now() - 60_000);
      utimesSync(trials, past, past);
      for (let look = 0; look < 2; look++) expect(studyStatus(openStudy(folder))).toMatchObject({ done: 6, notes: [] });
      rmSync(study.layout.trial(4).folder, { recursive: true });
      const later = new Date(Date.now() - 30_000);
      utimesSync(trials, later, later);
      const notes = ["the results of 1 finished trials are gone: they will run again"];
      expect(studyStatus(openStudy(folder))).toMatchObject({ done: 5, waiting: 1, notes });
      expect(await run(folder)).toMatchObject({ done: 6, waiting: 0 });
    }));

  test("writes a deleted or torn trial file again", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const text = readFileSync(study.layout.trial(2).trial, "utf8");
      rmSync(study.layout.trial(2).folder, { recursive: true });
      truncateSync(study.layout.trial(3).trial, 10);
      expect((await sampleStudy(study, drawRegNets)).written).toBe(2);
      expect(readFileSync(study.layout.trial(2).trial, "utf8")).toBe(text);
    }));

  test("follows the number of trials in a document: either way before the study has started, upwards afterwards", () =>
    inTemporaryFolder(async (folder) => {
      const make = (trials: number) => newStudy(folder, simulatedSpec({ trials }), drawRegNets);
      for (const trials of [3, 5, 2]) expect((await make(trials)).sampled?.trials).toBe(trials);
      expect(readdirSync(openStudy(folder).layout.trials)).toHaveLength(2);
      await run(folder);
      expect((await make(4)).sampled?.trials).toBe(4);
      expect((await make(3)).sampled?.trials).toBe(4);
      expect(await run(folder)).toMatchObject({ trials: 4, done: 4 });
    }));

  test.each([
    ["lost", (file: string) => rmSync(file)],
    ["torn", (file: string) => truncateSync(file, 30)],
  ])("keeps every result where sampled.json is %s, and draws the same networks again", (_, harm) =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec());
      await run(folder, 8);
      const { layout } = openStudy(folder);
      const before = textsOf(folder);
      const population = openStudy(folder).sampled?.population;
      harm(layout.sampled);
      rmSync(layout.index);
      const notes: string[] = [];
      const observer = { onNote: (note: string) => notes.push(note) };
      const summary = await runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer });
      expect(summary).toMatchObject({ trials: 8, done: 8, waiting: 0 });
      expect(notes).toContainEqual(expect.stringContaining("sampled.json was lost: the population was drawn again"));
      expect(textsOf(folder)).toEqual(before);
      expect(openStudy(folder).sampled?.population).toBe(population);
    }),
  );

  test("refuses to go on without sampled.json where the trials have other networks", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec());
      await run(folder);
      rmSync(join(folder, "sampled.json"));
      const other = (spec: Parameters<typeof drawRegNets>[0], n: number) => drawRegNets({ ...spec, seed: 99 }, n);
      await expect(sampleStudy(openStudy(folder), other)).rejects.toThrow("can no longer be drawn again");
      expect(textsOf(folder)).toHaveLength(6);
    }));

  test("refuses to go on where another version draws other networks", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const other = (spec: Parameters<typeof drawRegNets>[0], n: number) => drawRegNets({ ...spec, seed: 99 }, n);
      await expect(sampleStudy(study, other, 7)).rejects.toThrow("can no longer be drawn again");
    }));
});

describe("a finished study", () => {
  test("mends a torn network or result of a trial", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec());
      await run(folder);
      const { layout } = openStudy(folder);
      const [trial, result] = [layout.trial(1).trial, layout.trial(2).result];
      const before = readFileSync(trial, "utf8");
      const error = errorsOf(folder)[2];
      for (const file of [trial, result]) truncateSync(file, 20);
      rmSync(layout.index);
      expect(await run(folder)).toMatchObject({ done: 6, failed: 0, waiting: 0 });
      expect(readFileSync(trial, "utf8")).toBe(before);
      expect(errorsOf(folder)[2]).toBe(error);
    }));

  test("runs a trial again whose network and result are both torn", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec());
      await run(folder);
      const { layout } = openStudy(folder);
      const before = errorsOf(folder);
      const { trial, result } = layout.trial(3);
      for (const file of [trial, result]) truncateSync(file, 20);
      rmSync(layout.index);
      expect(await run(folder)).toMatchObject({ done: 6, failed: 0, waiting: 0 });
      expect(errorsOf(folder)).toEqual(before);
    }));

  test("is told whole where its index was deleted meanwhile", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ trials: 8, simulate: { milliseconds: 400 } }));
      let finished = 0;
      const onFinished = () => {
        finished++;
        if (finished === 4) rmSync(join(folder, "index.sqlite"));
      };
      const summary = await runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer: { onFinished } });
      expect(summary).toMatchObject({ done: 8, failed: 0, waiting: 0 });
      expect(studyStatus(openStudy(folder))).toMatchObject({ done: 8 });
    }));

  test("says that its index was damaged meanwhile", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ trials: 8, simulate: { milliseconds: 400 } }));
      const notes: string[] = [];
      let finished = 0;
      const onFinished = () => {
        finished++;
        if (finished === 4) damage(join(folder, "index.sqlite"));
      };
      const observer = { onFinished, onNote: (note: string) => notes.push(note) };
      const summary = await runStudy(openStudy(folder), { executor, sampler: drawRegNets, observer });
      expect(summary).toMatchObject({ done: 8, failed: 0, waiting: 0 });
      expect(notes).toEqual(["index.sqlite was damaged: made again from the trial folders"]);
    }));

  test("was given up by a coordinator that another one took for dead", () =>
    inTemporaryFolder(async (folder) => {
      createStudy(folder, simulatedSpec({ trials: 20, epochs: 20, simulate: { milliseconds: 1000 } }));
      const running = run(folder);
      await until(() => studyStatus(openStudy(folder)).running.length > 0);
      const owner = { host: "elsewhere", pid: 1, startTime: "1", machine: "elsewhere", token: "x" };
      writeFileSync(join(folder, "coordinator.2"), JSON.stringify({ owner, interval: 15, from: 0 }));
      expect(await running).toMatchObject({ stopped: true });
      expect(existsSync(join(folder, "coordinator.2"))).toBe(true);
    }));
});

describe("a claim from another machine", () => {
  test("is waited for a minute, however fast its heart beat", () =>
    inTemporaryFolder((folder) => {
      let now = 0;
      const watch = new HeartbeatWatch(() => now);
      const owner = { host: "elsewhere", pid: 1, startTime: "1", machine: "elsewhere", token: "x" };
      const claim = { generation: 1, heartbeat: join(folder, "beat"), record: { owner, interval: 1, from: 0 } };
      expect(watch.judge(claim)).toBe("unknown");
      now = 59;
      expect(watch.judge(claim)).toBe("unknown");
      now = 61;
      expect(watch.judge(claim)).toBe("free");
    }));
});

describe("a trial", () => {
  test("of a study without its population is refused", () =>
    inTemporaryFolder(async (folder) => {
      await expect(runTrial(createStudy(folder, simulatedSpec()), 0)).rejects.toThrow(/missing population/);
    }));

  test("has not failed for a disk that its training found to be full", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const task = taskThat(async () => {
        appendDurably("/dev/full", "a checkpoint");
        throw new Error("written to a full disk");
      });
      const error = await runTrial(study, 0, { task }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "StorageError", systemCode: "ENOSPC" });
      expect((error as Error).message).toMatch(/no space left on the disk .* free some and run again/);
      expect(trialState(study, 0)).toBe("waiting");
    }));

  test("runs by itself, once", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      expect(trialState(study, 2)).toBe("waiting");
      const first = await runTrial(study, 2);
      expect(first).toMatchObject({ kind: "finished", ran: true, result: { state: "done", epochs: 4, attempt: 1 } });
      expect(await runTrial(study, 2)).toEqual({ ...first, ran: false });
      expect(trialState(study, 2)).toBe("done");
    }));

  test("stopped, leaves what it has and goes on from there to the same result", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec({ epochs: 9 })), drawRegNets);
      const stop = new AbortController();
      const options = { signal: stop.signal, onEpoch: ({ epoch }: { epoch: number }) => epoch === 4 && stop.abort() };
      expect(await runTrial(study, 0, options)).toEqual({ kind: "stopped" });
      const metrics = readFileSync(study.layout.trial(0).metrics, "utf8");
      expect(metrics.trim().split("\n")).toHaveLength(4);
      const outcome = await runTrial(study, 0);
      expect(outcome).toMatchObject({ kind: "finished", result: { state: "done", attempt: 2, epochs: 9 } });
      expect(readFileSync(study.layout.trial(0).metrics, "utf8").startsWith(metrics)).toBe(true);
    }));

  test("goes on from a torn line in its metrics", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      await runTrial(study, 0);
      const { metrics, result } = study.layout.trial(0);
      const whole = readFileSync(metrics, "utf8");
      rmSync(result);
      truncateSync(metrics, whole.length - 20);
      await runTrial(study, 0);
      expect(readFileSync(metrics, "utf8")).toBe(whole);
    }));

  test("whose task throws is to be tried again; a network that cannot be has failed at once", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const { invalid } = await import("@regnet/core");
      const throws = taskThat(async () => {
        throw new TypeError("a defect");
      });
      expect(await runTrial(study, 0, { task: throws })).toEqual({ kind: "crashed", reason: "TypeError: a defect" });
      const refuse = taskThat(async () => {
        throw invalid("resolution", 1, "a larger image");
      });
      const outcome = await runTrial(study, 1, { task: refuse });
      expect(outcome).toMatchObject({ kind: "finished", result: { state: "failed", reason: /a larger image/ } });
    }));

  test("that crashes however often is tried again as long as it gets further, and given up where it does not", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const crashes = async () => {
        throw new TypeError("a defect");
      };
      let attempt = 0;
      for (; attempt < 3 * MOST_ATTEMPTS; attempt++) {
        const outcome = await runTrial(study, 0, { task: taskThat(crashes, attempt) });
        expect(outcome, `attempt ${attempt}`).toMatchObject({ kind: "crashed" });
      }
      // The last of these attempts got up to here, and was the first of four.
      for (let more = 1; more < MOST_ATTEMPTS; more++) {
        expect(await runTrial(study, 0, { task: taskThat(crashes, attempt) })).toMatchObject({ kind: "crashed" });
      }
      const outcome = await runTrial(study, 0, { task: taskThat(crashes, attempt) });
      const reason = /^crashed 4 times without getting further/;
      expect(outcome).toMatchObject({ kind: "finished", result: { state: "failed", reason } });
    }));

  test("is no worse for the deaths that nobody saw, as in a power cut", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const { claim } = study.layout.trial(0);
      const owner = { ...thisOwner(), startTime: "1" };
      for (let generation = 1; generation <= 3 * MOST_ATTEMPTS; generation++) {
        mkdirSync(claim.folder, { recursive: true });
        const record = { owner, interval: 1, from: 0 };
        writeFileSync(join(claim.folder, `${claim.name}.${generation}`), JSON.stringify(record));
      }
      expect(await runTrial(study, 0)).toMatchObject({ kind: "finished", result: { state: "done" } });
    }));

  test("that another process is at is left alone", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      let inside: unknown;
      const task = taskThat(async () => {
        inside = await runTrial(study, 0);
        throw new Error("enough");
      });
      await runTrial(study, 0, { task });
      expect(inside).toMatchObject({ kind: "held", sure: true });
    }));

  test("whose folder is deleted while it runs says so, and is written again by the next run", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec()), drawRegNets);
      const gone = study.layout.trial(1).folder;
      const onEpoch = () => rmSync(gone, { recursive: true, force: true });
      await expect(runTrial(study, 1, { onEpoch })).rejects.toThrow(/missing .*00001; run the study again/);
      expect(await run(folder)).toMatchObject({ done: 6, waiting: 0 });
      expect(existsSync(gone)).toBe(true);
    }));
});

/** What every trial ended with, and how often it was begun. */
function textsOf(folder: string): string[] {
  const { trials } = openStudy(folder).layout;
  return readdirSync(trials)
    .sort()
    .map((name) => {
      const claims = readdirSync(join(trials, name)).filter((file) => file.startsWith("claim."));
      return `${readFileSync(join(trials, name, "result.json"), "utf8")}${claims}`;
    });
}

/** A task for tests that begins where it is told. */
function taskThat(run: Task["run"], progress = 0): Task {
  return { run, progress: () => progress };
}
