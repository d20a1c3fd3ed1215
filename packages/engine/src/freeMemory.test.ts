import { freemem, totalmem } from "node:os";
import { anynet } from "@regnet/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cgroupFree } from "./cgroup.js";
import { engines } from "./choose.js";
import { expectMemory, freeMemory } from "./freeMemory.js";

vi.mock("./cgroup.js", { spy: true });

const MIB = 2 ** 20;

/** A container's limit. */
function allow(bytes: number | undefined): void {
  vi.spyOn(process, "constrainedMemory").mockReturnValue(bytes as number);
}

const { platform } = process;

beforeEach(() => void vi.mocked(cgroupFree).mockReturnValue(Number.POSITIVE_INFINITY));
afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(process, "platform", { value: platform });
});

describe("the memory that is free", () => {
  it.each([0, undefined, 2 ** 64])("is the machine's where nothing limits it (%s)", (limit) => {
    allow(limit);
    const machine = platform === "darwin" ? totalmem() : freemem();
    expect(Math.abs(freeMemory() - machine)).toBeLessThan(2 ** 30);
  });

  it("is all of the machine's on macOS, which does not tell what gives way, and refusals say so", () => {
    Object.defineProperty(process, "platform", { value: "darwin" });
    allow(undefined);
    expect(freeMemory()).toBe(totalmem());
    const needed = 2 ** 40 + totalmem();
    expect(() => expectMemory(needed)).toThrow(/the network needs [\d.]+ GB, [\d.]+ GB are there; use a smaller batch/);
  });

  it("is what a container leaves", () => {
    allow(process.memoryUsage.rss() + 100 * MIB);
    expect(freeMemory()).toBeGreaterThanOrEqual(90 * MIB);
    expect(freeMemory()).toBeLessThan(100 * MIB + process.memoryUsage.rss());
    allow(MIB);
    expect(freeMemory()).toBe(0);
  });

  it("is less by what other processes of the container hold", () => {
    allow(undefined);
    vi.mocked(cgroupFree).mockReturnValue(92 * MIB);
    expect(freeMemory()).toBe(92 * MIB);
  });

  it.each(engines)("bounds what $id compiles", async (engine) => {
    const net = anynet({ stages: [{ depth: 1, width: 16, groupWidth: 8 }] }, { batch: 64, resolution: 224 });
    allow(10 * MIB);
    await expect(engine.compile(net)).rejects.toThrow(
      /out of memory: the network needs 0\.\d GB, 0\.0 GB are (free|there)/,
    );
    allow(0);
    (await engine.compile(net)).dispose();
  });
});
