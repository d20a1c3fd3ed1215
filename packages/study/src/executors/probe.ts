import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, freemem } from "node:os";
import { fileURLToPath } from "node:url";
import type { ModelSpec } from "@regnet/core";
import { builtModule } from "../builtModule.js";
import { readTrial } from "../study/read.js";
import type { StudySpec } from "../study/spec.js";
import type { Study } from "../study/study.js";
import { ONE_THREAD } from "./workerProcess.js";

/** What a probe's process is asked to do: training steps of one network with one thread. */
export interface ProbeTask extends Pick<StudySpec, "engine" | "precision" | "resolution" | "channels" | "classes"> {
  readonly model: ModelSpec;
  readonly batch: number;
}

/** What it says: that it is ready, and then how many steps a second it made while it was asked to work. */
export type ProbeAnswer = { readonly ready: true; readonly bytes: number } | { readonly rate: number };

/** Steps a second of all processes together, by their number. */
export interface ProbePoint {
  readonly processes: number;
  readonly rate: number;
}

/** Seconds of work for each number of processes. */
const SECONDS = 0.7;
/** Fewer processes count as enough from this share of the best rate on: each costs memory. */
const ENOUGH = 0.97;
/** Multiply-adds of a training step that is long enough to be timed. */
const STEP_FLOPS = 5e8;
/** Share of the free memory that the workers may take. */
const MEMORY_SHARE = 0.8;
const PATIENCE = 60_000;

/**
 * How many worker processes pay off on this machine: measured by training steps of the study's median network in 1, 2,
 * 4, … processes at once, at most one a processor.
 *
 * @returns the number and what was measured, or undefined where the measurement could not be made
 */
export async function probeWorkers(
  study: Study,
  ids: readonly number[],
  most = availableParallelism(),
): Promise<{ workers: number; points: readonly ProbePoint[] } | undefined> {
  const task = taskOf(study, ids);
  if (!task) return undefined;
  const first = await ProbeProcess.start(task);
  if (!first) return undefined;
  const fitting = Math.max(1, Math.min(most, Math.floor((MEMORY_SHARE * freemem()) / first.bytes)));
  const rest = await Promise.all(Array.from({ length: fitting - 1 }, () => ProbeProcess.start(task)));
  const processes = [first, ...rest.flatMap((process) => process ?? [])];
  try {
    const points: ProbePoint[] = [];
    for (const n of counts(processes.length)) points.push({ processes: n, rate: await rateOf(processes.slice(0, n)) });
    return { workers: best(points), points };
  } finally {
    for (const process of processes) process.end();
  }
}

/** 1, 2, 4, … and the greatest. */
export function counts(most: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(most)) }, (_, i) => 2 ** i);
  return [...powers, most];
}

/** The least number of processes that is about as fast as the fastest. */
export function best(points: readonly ProbePoint[]): number {
  const fastest = Math.max(...points.map(({ rate }) => rate));
  return points.find(({ rate }) => rate >= ENOUGH * fastest)?.processes ?? 1;
}

function taskOf(study: Study, ids: readonly number[]): ProbeTask | undefined {
  const sample = ids.slice(0, 101).flatMap((id) => readTrial(study, id) ?? []);
  sample.sort((a, b) => a.complexity.flops - b.complexity.flops);
  const median = sample[sample.length >> 1];
  if (!median) return undefined;
  const { engine, precision, resolution, channels, classes } = study.spec;
  const batch = Math.min(study.spec.batch, Math.max(1, Math.round(STEP_FLOPS / (3 * median.complexity.flops))));
  return { model: median.model, batch, engine, precision, resolution, channels, classes };
}

async function rateOf(processes: readonly ProbeProcess[]): Promise<number> {
  const rates = await Promise.all(processes.map((process) => process.measure(SECONDS)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

class ProbeProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What it holds in memory. */
    readonly bytes: number,
  ) {}

  /** Undefined where it cannot do the task; the study's own workers will say why. */
  static async start(task: ProbeTask): Promise<ProbeProcess | undefined> {
    const script = fileURLToPath(builtModule("executors/probeProcess.js"));
    const child = fork(script, {
      env: { ...process.env, ...ONE_THREAD },
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child.on("error", () => undefined);
    child.send(task, () => undefined);
    const answer = await nextAnswer(child);
    if (answer && "ready" in answer) return new ProbeProcess(child, answer.bytes);
    child.kill("SIGKILL");
    return undefined;
  }

  async measure(seconds: number): Promise<number> {
    this.child.send({ seconds }, () => undefined);
    const answer = await nextAnswer(this.child);
    return answer && "rate" in answer ? answer.rate : 0;
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}

function nextAnswer(child: ChildProcess): Promise<ProbeAnswer | undefined> {
  return new Promise((resolve) => {
    const settle = (answer?: ProbeAnswer) => {
      clearTimeout(timer);
      child.off("message", settle).off("exit", leave);
      resolve(answer);
    };
    const leave = () => settle();
    const timer = setTimeout(leave, PATIENCE);
    child.on("message", settle).on("exit", leave);
  });
}
