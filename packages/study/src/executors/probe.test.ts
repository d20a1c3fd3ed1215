import { freeMemory } from "@regnet/engine";
import { describe, expect, test, vi } from "vitest";
import { sampleStudy } from "../study/sample.js";
import { createStudy } from "../study/study.js";
import { drawRegNets, inTemporaryFolder, simulatedSpec } from "../study/testing.js";
import { allPayOff, best, counts, fittingBeside, type Paced, probe } from "./probe.js";

describe("the probe for the number of workers", () => {
  test("tries powers of two and the number of processors", () => {
    expect([1, 2, 3, 8, 12].map(counts)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 12]]);
  });

  const points = (...speeds: number[]) => speeds.map((speed, i) => ({ processes: 2 ** i, speed }));

  test("takes the least number that is about as fast as the fastest", () => {
    expect(best(points(1, 1.9, 3, 3.05)).processes).toBe(4);
    expect(best(points(1, 0.9, 0.8)).processes).toBe(1);
  });

  test("measures once more unless all of them are faster than any fewer beyond doubt", () => {
    expect([points(1), points(1, 1.9), points(1, 1.9, 3)].map(allPayOff)).toEqual([true, true, true]);
    expect([points(1, 1.2), points(1, 1.9, 2), points(1, 0.9)].map(allPayOff)).not.toContain(true);
  });

  test("measures each number alone, and says what it does as a multiple of one", async () => {
    const machine = new Machine([10, 40, 20, 30], (running) => 2 / Math.max(2, running));
    expect(await probe(machine.workers)).toEqual(points(1, 2, 2));
    expect(machine.running()).toBe(4);
  });

  test("needs no second round where all pay off, and takes the median of five where it is in doubt", async () => {
    const clear = new Machine([1, 2], () => 1);
    expect(await probe(clear.workers)).toEqual(points(1, 2));
    expect(clear.measured).toBe(3);
    const doubtful = new Machine([1, 2], (running) => 1 / running);
    doubtful.disturb(4, 0.1);
    expect(await probe(doubtful.workers)).toEqual(points(1, 1));
    expect(doubtful.measured).toBe(15);
  });

  test("passes over rounds in which one took no steps, and gives none where that was always so", async () => {
    const machine = new Machine([1, 1], () => 1);
    machine.disturb(0, 0);
    expect(await probe(machine.workers)).toEqual(points(1, 2));
    expect(await probe(new Machine([1, 0], () => 1).workers)).toBeUndefined();
  });

  test("counts the memory of the population's networks, not of those that happen to be the first", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec({ trials: 9 })), drawRegNets);
      const ids = [0, 1, 2, 3, 4, 5, 6, 7, 8];
      const free = 0.8 * freeMemory();
      expect(fittingBeside([{ id: 0, bytes: free / 0.5 }], study, ids)).toBe(0);
      expect(fittingBeside([{ id: 0, bytes: 1e6 }], study, [0])).toBeGreaterThan(
        fittingBeside([{ id: 0, bytes: 1e7 }], study, [0]),
      );
    }));

  test("starts no further process in a container that is full, whatever the machine has", () =>
    inTemporaryFolder(async (folder) => {
      const { study } = await sampleStudy(createStudy(folder, simulatedSpec({ trials: 1 })), drawRegNets);
      const limit = vi.spyOn(process, "constrainedMemory").mockReturnValue(2 ** 20);
      const more = fittingBeside([{ id: 0, bytes: 1 }], study, [0]);
      limit.mockRestore();
      expect(more).toBe(0);
    }));
});

/** Processes whose speeds are known: each one's own, times what the number of them that run leaves of it. */
class Machine {
  readonly workers: Paced[];
  measured = 0;
  private readonly paused = new Set<number>();
  private readonly disturbed = new Map<number, number>();

  constructor(speeds: readonly number[], share: (running: number) => number) {
    this.workers = speeds.map((speed, i) => ({
      measure: async () => {
        if (this.paused.has(i)) throw new Error(`process ${i} stands still`);
        return speed * share(this.running()) * (this.disturbed.get(this.measured++) ?? 1);
      },
      pause: async () => Boolean(this.paused.add(i)),
      resume: () => this.paused.delete(i),
    }));
  }

  running(): number {
    return this.workers.length - this.paused.size;
  }

  /** What the n-th measurement leaves of the speed. */
  disturb(n: number, share: number): void {
    this.disturbed.set(n, share);
  }
}
