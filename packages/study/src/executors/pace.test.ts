import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Pace } from "./pace.js";

describe("the pace of a process's trials", () => {
  test("is the steps that end in a while", () =>
    withSteps(async (pace, taken) => {
      const before = taken();
      const start = performance.now();
      const rate = await pace.measure(0.2);
      const counted = taken() - before;
      const seconds = (performance.now() - start) / 1000;
      expect(seconds).toBeGreaterThan(0.2);
      expect(rate).toBeGreaterThan((0.8 * (counted - 2)) / seconds);
      expect(rate).toBeLessThan((1.2 * (counted + 2)) / seconds);
    }));

  test("stands still until it may go on", () =>
    withSteps(async (pace, taken) => {
      expect(await pace.pause()).toBe(true);
      const before = taken();
      await setTimeout(50);
      expect(taken()).toBe(before);
      pace.resume();
      expect(await pace.measure(0.01)).toBeGreaterThan(0);
    }));

  test("is nothing, and cannot be held up, where no step comes before long", async () => {
    const pace = new Pace(new AbortController().signal);
    expect(await Promise.all([pace.measure(0.01), pace.pause()])).toEqual([0, false]);
  });

  test("is held up no longer once the process is told to end", () =>
    withSteps(async (pace, taken, stop) => {
      await pace.pause();
      const before = taken();
      stop.abort();
      await setTimeout(50);
      expect(taken()).toBeGreaterThan(before);
      expect(await pace.pause()).toBe(false);
    }));
});

/** A process whose steps take about two milliseconds. */
async function withSteps(
  use: (pace: Pace, taken: () => number, stop: AbortController) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const pace = new Pace(stop.signal);
  let steps = 0;
  let over = false;
  const stepping = (async () => {
    while (!over) {
      await setTimeout(2);
      steps++;
      await pace.step();
    }
  })();
  await use(pace, () => steps, stop);
  over = true;
  pace.resume();
  await stepping;
}
