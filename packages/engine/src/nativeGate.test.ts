import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { closeGate, createGate, gated } from "./nativeGate.js";

/** Calls one gated function after the other, each of 2 ms; counts what began and what ended. */
const CALLER = `
  import { workerData } from "node:worker_threads";
  import { gated, useGate } from ${JSON.stringify(new URL("../dist/nativeGate.js", import.meta.url).href)};
  const { gate, counts } = workerData;
  useGate(gate);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const call = gated((milliseconds) => {
    Atomics.add(counts, 0, 1);
    Atomics.wait(pause, 0, 0, milliseconds);
    Atomics.add(counts, 1, 1);
  });
  for (;;) call(2);
`;

describe("a gate", () => {
  it("once closed, leaves no call under way and lets no other begin", async () => {
    for (let round = 0; round < 5; round++) {
      const gate = createGate();
      const counts = new Int32Array(new SharedArrayBuffer(8));
      const source = new URL(`data:text/javascript,${encodeURIComponent(CALLER)}`);
      const worker = new Worker(source, { workerData: { gate, counts }, execArgv: [] });
      await once(worker, "online");
      while (Atomics.load(counts, 1) === 0) await setTimeout(1);
      closeGate(gate);
      const [begun, ended] = counts;
      expect(begun).toBeGreaterThan(0);
      expect(ended).toBe(begun);
      await setTimeout(20);
      expect([...counts]).toEqual([begun, begun]);
      await worker.terminate();
    }
  });

  it("is no hindrance to a thread that has none", () => {
    expect(gated((a: number, b: number) => a - b)(5, 3)).toBe(2);
    const failing = gated(() => {
      throw new Error("mine");
    });
    expect(failing).toThrow("mine");
  });

  it("closes at once where no call is under way", () => {
    const start = performance.now();
    closeGate(createGate());
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
