import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "@regnet/train";
import { afterAll, describe, expect, it } from "vitest";

const KILLS = 20;
const SEED = Number(process.env.REGNET_KILL_SEED ?? Date.now() % 1e6);
const PROGRAM = `
  const { design } = await import(process.argv[1]);
  await design(JSON.parse(process.argv[2]));
`;
const root = mkdtempSync(join(tmpdir(), "regnet-race-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a race by steps under kill -9", () => {
  it(`has the undisturbed race's winner, with the same bits (REGNET_KILL_SEED=${SEED})`, async () => {
    const [whole, killed] = [join(root, "whole"), join(root, "killed")];
    const started = performance.now();
    expect(await ended(start(whole))).toBe(0);
    const duration = performance.now() - started;
    const random = new Random(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(killed);
      const end = ended(child);
      await delay(random.uniform(0, duration / 4));
      killGroup(child);
      await end;
    }
    while ((await ended(start(killed))) !== 0) expect(existsSync(killed)).toBe(true);
    const [a, b] = [outcome(whole), outcome(killed)];
    expect(b.winner).toEqual(a.winner);
    expect(b.rungs).toEqual(a.rungs);
    expect(b.weights.equals(a.weights)).toBe(true);
  });
});

function start(folder: string): ChildProcess {
  const library = new URL("../../dist/index.js", import.meta.url).href;
  const request = {
    ...{ folder, data: "shapes:600", flops: 2e6, steps: 40, entrants: 4, workers: 2, threads: 2 },
    ...{ engine: "onnxruntime", precision: "fp32", resolution: 16, seed: 3 },
  };
  const args = ["--input-type=module", "-e", PROGRAM, library, JSON.stringify(request)];
  return spawn(process.execPath, args, { stdio: "ignore", detached: true });
}

/** The process and its workers. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid ?? 0), "SIGKILL");
  } catch {
    // It had ended already.
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

function outcome(folder: string) {
  const step = (name: string) => JSON.parse(readFileSync(join(folder, "steps", `${name}.json`), "utf8")).value;
  const finish = step("finish");
  const errors = (seen: { entrant: number; error: number }[]) => seen.map(({ entrant, error }) => [entrant, error]);
  return {
    winner: [finish.entrant.name, finish.accuracy, finish.test],
    rungs: errors(step("rung-1")),
    weights: readFileSync(join(folder, finish.run, "checkpoints", "best.safetensors")),
  };
}
