import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { anynet, convnext, differentiate, initialise } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { NotFiniteError } from "../../finite.js";
import { onednn } from "../engine.js";
import { compileInWorker } from "./workerExecutable.js";

const forward = anynet(
  { stages: [{ depth: 1, width: 16, groupWidth: 8 }], stem: "cifar", stemWidth: 8 },
  { batch: 2, resolution: 8, classes: 3 },
);
const training = differentiate(
  forward,
  { kind: "softmaxCrossEntropy" },
  { kind: "sgd", momentum: 0.9, weightDecay: 0 },
);

describe("an executable in a worker thread", () => {
  it("trains to the same bits as one in the caller's thread", async () => {
    const [here, there] = [
      await onednn.compile(training, { threads: 1 }),
      await compileInWorker(training, { threads: 1 }),
    ];
    for (const executable of [here, there]) {
      executable.input("image").forEach((_, i, image) => {
        image[i] = Math.sin(i);
      });
      executable.input("target").set([1, 0, 0, 0, 1, 0]);
      executable.input("learningRate")[0] = 0.1;
      for (let step = 0; step < 3; step++) await executable.run();
    }
    expect(there.output("logits")).toEqual(here.output("logits"));
    for (const { name } of training.parameters) expect(there.read(name), name).toEqual(here.read(name));
    expect(there.memory).toEqual(here.memory);
    here.dispose();
    there.dispose();
  });

  it("leaves the event loop free while it runs", async () => {
    const net = convnext({ depths: [1, 1], widths: [48, 96] }, { batch: 8, resolution: 96, classes: 10 });
    const executable = await compileInWorker(net, { threads: 1 });
    let turns = 0;
    let running = true;
    const count = () => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await executable.run();
    running = false;
    executable.dispose();
    expect(turns).toBeGreaterThan(5);
  });

  it("reads and writes parameters, and profiles", async () => {
    const executable = await compileInWorker(training, { threads: 1 });
    executable.write("head.fc.bias", Float32Array.of(1, 2, 3));
    expect(executable.read("head.fc.bias")).toEqual(Float32Array.of(1, 2, 3));
    expect(() => executable.read("head.fc.bios")).toThrow(/unknown parameter.*head\.fc\.bias/);
    expect(() => executable.write("head.fc.bias", Float32Array.of(1))).toThrow(/invalid parameter head\.fc\.bias/);
    expect((await executable.profile()).some(({ op }) => op === "conv2d")).toBe(true);
    executable.dispose();
    await expect(executable.run()).rejects.toThrow(/dispose/);
  });

  it("lets what is written while a run is pending take effect after it", async () => {
    const executable = await compileInWorker(training, { threads: 1 });
    executable.input("image").fill(1);
    executable.input("target").set([1, 0, 0, 0, 1, 0]);
    executable.input("learningRate")[0] = 0.1;
    const run = executable.run();
    executable.write("head.fc.bias", Float32Array.of(1, 2, 3));
    await run;
    expect(executable.read("head.fc.bias")).toEqual(Float32Array.of(1, 2, 3));
    executable.dispose();
  });

  it("hands on why a graph cannot be compiled", async () => {
    await expect(compileInWorker(forward, { threads: 0 })).rejects.toThrow(/invalid threads/);
    const graph = { ...forward, nodes: [{ ...forward.nodes[0], op: "fourier" }, ...forward.nodes.slice(1)] };
    await expect(compileInWorker(graph)).rejects.toMatchObject({ code: "unsupported", path: "fourier" });
  });

  it("refuses state that is not finite by an error of the same class as in the caller's thread", async () => {
    const state = initialise(forward, 1);
    state["head.fc.bias"][1] = Number.NaN;
    for (const compile of [onednn.compile, compileInWorker]) {
      await expect(compile(forward, { threads: 1, state })).rejects.toThrow(NotFiniteError);
    }
    const executable = await compileInWorker(forward, { threads: 1 });
    expect(() => executable.write("head.fc.bias", state["head.fc.bias"])).toThrow(NotFiniteError);
    executable.dispose();
  });

  it("refuses what it is asked for once its thread has ended, and says why", async () => {
    const executable = await compileInWorker(training, { threads: 1 });
    const worker: Worker = Reflect.get(executable, "worker");
    const ended = once(worker, "exit");
    void worker.terminate();
    expect(() => executable.read("head.fc.bias")).toThrow(/thread ended before it could read parameter head\.fc\.bias/);
    expect(() => executable.write("head.fc.bias", new Float32Array(3))).toThrow(/ended before it could write/);
    await ended;
    expect(() => executable.read("head.fc.bias")).toThrow("the engine's thread ended: exit code 1");
    await expect(executable.run()).rejects.toThrow("the engine's thread ended: exit code 1");
    executable.dispose();
    expect(() => executable.read("head.fc.bias")).toThrow(/disposed/);
  });
});
