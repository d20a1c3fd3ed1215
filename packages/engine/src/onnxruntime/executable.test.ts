import { anynet, differentiate, initialise } from "@regnet/core";
import { describe, expect, it, vi } from "vitest";
import type { Executable } from "../engine.js";
import { onnxruntime } from "./index.js";
import { createSession } from "./session.js";
import { State } from "./state.js";

vi.mock("./session.js", { spy: true });

const net = anynet({ stages: [{ depth: 1, width: 16, groupWidth: 8 }] }, { batch: 2, resolution: 16, classes: 4 });
const BIAS = "head.fc.bias";
const ones = new Float32Array(4).fill(1);

async function logits(executable: Executable): Promise<number[]> {
  await executable.run();
  return [...executable.output("logits").slice(0, 4)];
}

/** A network whose logits are the bias of its classifier. */
async function compiled(): Promise<Executable> {
  const state = initialise(net, 1);
  for (const name of Object.keys(state)) if (name.startsWith("head")) state[name].fill(0);
  return onnxruntime.compile(net, { threads: 1, state });
}

describe("weights written to an inference graph", () => {
  it("are in the next run, though a session with them could not be made at first", async () => {
    const executable = await compiled();
    executable.write(BIAS, Float32Array.of(1, 2, 3, 4));
    vi.mocked(createSession).mockRejectedValueOnce(new Error("no memory"));
    await expect(executable.run()).rejects.toThrow("no memory");
    expect(await logits(executable)).toEqual([1, 2, 3, 4]);
    executable.dispose();
  });

  it("are in the next run, though others were written while a session was made", async () => {
    const executable = await compiled();
    executable.write(BIAS, Float32Array.of(1, 2, 3, 4));
    const { createSession: create } = await vi.importActual<typeof import("./session.js")>("./session.js");
    vi.mocked(createSession).mockImplementationOnce(async (...args) => {
      const session = await create(...args);
      executable.write(BIAS, Float32Array.of(5, 6, 7, 8));
      return session;
    });
    expect(await logits(executable)).toEqual([1, 2, 3, 4]);
    expect(await logits(executable)).toEqual([5, 6, 7, 8]);
    executable.dispose();
  });
});

describe("a training graph's state", () => {
  it("reads as it was before a run that is pending, also where it was written meanwhile", async () => {
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
    const executable = await onnxruntime.compile(graph, {
      threads: 1,
      state: { ...initialise(graph, 1), [BIAS]: ones },
    });
    const run = executable.run();
    executable.write(BIAS, Float32Array.of(1, 2, 3, 4));
    expect(executable.read(BIAS)).toEqual(ones);
    await run;
    expect(executable.read(BIAS)).toEqual(Float32Array.of(1, 2, 3, 4));
    executable.dispose();
  });

  it("lies in the arrays that it starts from", () => {
    const graph = differentiate(net, { kind: "softmaxCrossEntropy" }, { kind: "sgd", momentum: 0.9, weightDecay: 0 });
    const values = initialise(graph, 1);
    for (const [name, { data }] of new State(graph, values).feeds()) expect(data).toBe(values[name]);
  });
});
