import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineId } from "@regnet/engine";
import { describe, expect, it } from "vitest";
import { Random } from "../data/random.js";
import { RunLayout } from "../run/layout.js";
import { readMetrics } from "../run/metrics.js";
import type { TrainOptions } from "./options.js";
import { tinyOptions } from "./testing/tiny.js";

const KILLS = 10;
const SEED = Number(process.env.REGNET_KILL_SEED ?? Date.now() % 1e6);
const PROGRAM = `
  const { train } = await import(process.argv[1]);
  await train(JSON.parse(process.argv[2]));
`;

describe.each<[EngineId, number]>([
  ["onnxruntime", 1],
  ["onednn", 2],
])("a run under kill -9, on %s with %i threads", (engine, threads) => {
  it(`ends with the undisturbed run's weights, bit for bit (REGNET_KILL_SEED=${SEED})`, async () => {
    const changes: Partial<TrainOptions> = { engine, threads, epochs: 40, workers: 1, checkpointSeconds: 0.05 };
    const whole = tinyOptions(changes);
    const started = performance.now();
    expect(await ended(start(whole))).toBe(0);
    const duration = performance.now() - started;

    const killed = tinyOptions({ ...changes, resume: "auto" });
    const random = new Random(SEED);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(killed);
      const end = ended(child);
      await delay(random.uniform(0, duration / 6));
      child.kill("SIGKILL");
      await end;
    }
    expect(finished(killed)).toBe(false);
    expect(await ended(start(killed))).toBe(0);

    expect(weights(killed)).toEqual(weights(whole));
    expect(metrics(killed)).toEqual(metrics(whole));
  });
});

function start(options: TrainOptions): ChildProcess {
  const library = new URL("../../dist/index.js", import.meta.url).href;
  const args = ["--input-type=module", "-e", PROGRAM, library, JSON.stringify(options)];
  return spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

function finished({ folder }: TrainOptions): boolean {
  const epochs = readMetrics(new RunLayout(folder).metrics);
  return epochs.some(({ epoch }) => epoch === 40);
}

function weights({ folder }: TrainOptions): Record<string, Buffer> {
  const { last, best } = new RunLayout(folder);
  return Object.fromEntries([last, best].filter(existsSync).map((path) => [path.slice(folder.length), tensors(path)]));
}

/** The file's tensors without its header, which tells how long it took. */
function tensors(path: string): Buffer {
  const file = readFileSync(path);
  return file.subarray(8 + Number(file.readBigUInt64LE()));
}

function metrics({ folder }: TrainOptions): unknown[] {
  return readMetrics(new RunLayout(folder).metrics).map(({ epoch, step, loss, trainTop1, top1, top5, valLoss }) => {
    return { epoch, step, loss, trainTop1, top1, top5, valLoss };
  });
}
