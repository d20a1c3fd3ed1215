import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RegnetError } from "@regnet/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { StudyError } from "../../study/task.js";
import { parseDesignRequest } from "../options.js";
import type { FullTask } from "./fullTrainer.js";
import { failureOf } from "./protocol.js";
import { longestFirst, trainFully } from "./trainFully.js";

vi.mock("node:child_process", { spy: true });

const root = mkdtempSync(join(tmpdir(), "regnet-fully-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const images = {
  ...{ source: "shapes:200", name: "shapes", resolution: 16, channels: 1, classes: 10, train: 160, validation: 40 },
};
const small = { family: "regnet", w0: 8, wa: 8, wm: 2, depth: 2, groupWidth: 8, stem: "cifar", stemWidth: 8 } as const;
const task = (name: string, seconds: number, model: FullTask["model"] = small): FullTask => ({
  ...{ name, folder: join(root, name), model, seconds, batch: 32 },
});

describe("trainFully", () => {
  it("begins with the longest training", () => {
    const order = longestFirst([task("a", 1), task("b", 4), task("c", 2)]).map(({ name }) => name);
    expect(order).toEqual(["b", "c", "a"]);
  });

  it("keeps what was trained where another training fails", async () => {
    const tasks = [task("wrong", 1, { ...small, w0: -8 }), task("right", 1.5)];
    const request = parseDesignRequest({ data: images.source, flops: 1e6 });
    const ignored = { onProgress: () => undefined, onNote: () => undefined };
    const training = { request, images, tasks, processes: 2, signal: new AbortController().signal, ...ignored };
    const [wrong, right] = await trainFully(training);
    expect(wrong).toMatchObject({ name: "wrong", reason: expect.stringMatching(/w0/) });
    expect(right).toMatchObject({ name: "right", accuracy: expect.any(Number) });
  });

  it.each([
    { deaths: 1, outcome: { accuracy: expect.any(Number) } },
    { deaths: 3, outcome: { death: { by: "SIGKILL", tail: "" } } },
  ])("goes on in another process where one dies, up to twice: $deaths deaths", async ({ deaths, outcome }) => {
    const { mock } = vi.mocked(fork).mockClear();
    const killed = new Set<unknown>();
    const onProgress = () => {
      const child = mock.results.at(-1)?.value;
      if (killed.size < deaths && !killed.has(child)) child.kill("SIGKILL");
      killed.add(child);
    };
    const notes: string[] = [];
    const tasks = [task(`dying-${deaths}`, 1.5)];
    const request = parseDesignRequest({ data: images.source, flops: 1e6 });
    const training = { request, images, tasks, processes: 1, signal: new AbortController().signal, onProgress };
    const [result] = await trainFully({ ...training, onNote: (note) => notes.push(note) });
    expect(result).toMatchObject({ name: tasks[0].name, ...outcome });
    expect(mock.results).toHaveLength(Math.min(deaths, 2) + 1);
    const told = notes.filter((note) => note.includes("its process died (killed by SIGKILL); another one goes on"));
    expect(told).toHaveLength(Math.min(deaths, 2));
  });

  it("ends where the images cannot be had, and begins no other training", async () => {
    const tasks = [task("first", 2), task("second", 1)];
    const request = parseDesignRequest({ data: images.source, flops: 1e6 });
    const ignored = { onProgress: () => undefined, onNote: () => undefined };
    const gone = { ...images, source: join(root, "gone") };
    const forks = vi.mocked(fork).mockClear();
    const training = { request, images: gone, tasks, processes: 1, signal: new AbortController().signal, ...ignored };
    await expect(trainFully(training)).rejects.toThrow(/unknown data set: .*gone/);
    expect(forks).toHaveBeenCalledTimes(1);
  });

  it("tells what concerns every training from what concerns one", () => {
    const full = Object.assign(new Error("write"), { code: "ENOSPC" });
    expect(failureOf(full, "runs/a")).toMatchObject({ storage: "ENOSPC", message: expect.stringMatching(/runs\/a/) });
    const explained = Object.assign(new RegnetError("cannot write"), { cause: full });
    expect(failureOf(explained, "runs/a")).toMatchObject({ storage: "ENOSPC" });
    const cache = Object.assign(new RegnetError("cannot write the cache", "invalid", "/cache"), { cause: full });
    expect(failureOf(cache, "runs/a")).toMatchObject({ storage: "ENOSPC", message: "cannot write the cache" });
    expect(failureOf(new StudyError("missing engine", "missing"), "runs/a")).toMatchObject({ common: "missing" });
    expect(failureOf(new RegnetError("diverged"), "runs/a")).toEqual({ type: "failed", message: "diverged" });
  });
});
