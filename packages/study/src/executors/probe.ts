import { freemem } from "node:os";
import { readTrial } from "../study/read.js";
import type { Study } from "../study/study.js";
import type { ProbeTask } from "./speedProbe.js";
import type { WorkerProcess } from "./workerProcess.js";
import type { FromWorker } from "./workerProtocol.js";

/** Steps a second of all processes together, by their number. */
export interface ProbePoint {
  readonly processes: number;
  readonly rate: number;
}

/** Seconds of work for each number of processes, each time. */
const SECONDS = 0.06;
/** Times that each number is measured, until all of them pay off beyond doubt; its best counts, since others may disturb. */
const ROUNDS = 5;
/** All processes pay off clearly where any fewer have less than this share of their rate. */
const CLEARLY_LESS = 0.8;
/** Fewer processes count as enough from this share of the best rate on: each costs memory. */
const ENOUGH = 0.97;
/** Multiply-adds of a training step that is long enough to be timed. */
const STEP_FLOPS = 1.5e8;
/** Workers that get ready before it is known how much memory one takes. */
const UNASKED = 2;
/** Share of the free memory that the workers may take. */
const MEMORY_SHARE = 0.8;
/** Milliseconds until a worker that says nothing is given up. */
const PATIENCE = 60_000;

/** What a measurement found. */
export interface Probe {
  /** The workers that pay off. */
  readonly workers: readonly WorkerProcess[];
  readonly points: readonly ProbePoint[];
}

/**
 * How many worker processes pay off on this machine: measured by training steps of the study's median network in 1, 2,
 * 4, … of them at once. They can go on with trials then.
 *
 * @param workers that nobody directs, ready or about to be
 * @param quiet resolves once this process needs no processor: until then the workers only get ready
 * @returns undefined where the measurement could not be made; the study's trials will say why
 */
export async function probeWorkers(
  study: Study,
  ids: readonly number[],
  workers: readonly WorkerProcess[],
  quiet?: Promise<unknown>,
): Promise<Probe | undefined> {
  const task = taskOf(study, ids);
  if (!task) return undefined;
  await Promise.all(workers.map(started));
  const able = await ableOf(workers.slice(0, UNASKED), task);
  if (able.length === 0) return undefined;
  const fitting = Math.floor((MEMORY_SHARE * freemem()) / able[0].bytes);
  able.push(...(await ableOf(workers.slice(UNASKED, UNASKED + fitting), task)));
  const ready = able.map(({ worker }) => worker);
  await quiet;
  const points = await measurePoints(ready);
  return { workers: ready.slice(0, best(points)), points };
}

interface AbleWorker {
  readonly worker: WorkerProcess;
  readonly bytes: number;
}

/** Those of the workers that are ready to measure, and the bytes that each will hold. */
async function ableOf(workers: readonly WorkerProcess[], task: ProbeTask): Promise<AbleWorker[]> {
  const bytes = await Promise.all(workers.map((worker) => prepared(worker, task)));
  return workers.flatMap((worker, i) => {
    const held = bytes[i];
    return held === undefined ? [] : [{ worker, bytes: held }];
  });
}

async function measurePoints(workers: readonly WorkerProcess[]): Promise<ProbePoint[]> {
  let points = counts(workers.length).map((processes) => ({ processes, rate: 0 }));
  for (let round = 0; round < ROUNDS && !allPayOff(points); round++) {
    const again: ProbePoint[] = [];
    for (const { processes, rate } of points) {
      again.push({ processes, rate: Math.max(rate, await rateOf(workers.slice(0, processes))) });
    }
    points = again;
  }
  return points;
}

/** Whether the greatest number of processes is faster than any other beyond doubt. */
export function allPayOff(points: readonly ProbePoint[]): boolean {
  const all = points[points.length - 1].rate;
  return all > 0 && points.slice(0, -1).every(({ rate }) => rate < CLEARLY_LESS * all);
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
  const { batch: trialBatch, engine, precision, resolution, channels, classes } = study.spec;
  const batch = Math.min(trialBatch, Math.max(1, Math.round(STEP_FLOPS / (3 * median.complexity.flops))));
  return { model: median.model, batch, trialBatch, engine, precision, resolution, channels, classes };
}

async function started(worker: WorkerProcess): Promise<void> {
  if (!worker.ready) await answer(worker);
}

/** Bytes that a worker will hold in a trial, once it is ready to measure; undefined where it cannot. */
async function prepared(worker: WorkerProcess, task: ProbeTask): Promise<number | undefined> {
  const said = answer(worker);
  worker.tell({ type: "probe", task });
  const message = await said;
  return message?.type === "probed" ? message.bytes : undefined;
}

async function rateOf(workers: readonly WorkerProcess[]): Promise<number> {
  const rates = await Promise.all(workers.map(measured));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function measured(worker: WorkerProcess): Promise<number> {
  const said = answer(worker);
  worker.tell({ type: "measure", seconds: SECONDS });
  const message = await said;
  return message?.type === "measured" ? message.rate : 0;
}

/** What a worker says next, or undefined where it dies or says nothing. */
function answer(worker: WorkerProcess): Promise<FromWorker | undefined> {
  return new Promise((resolve) => {
    const settle = (message?: FromWorker) => {
      clearTimeout(timer);
      resolve(message);
    };
    const timer = setTimeout(settle, PATIENCE);
    worker.events = { message: settle, exit: () => settle() };
    if (worker.ended) settle();
  });
}
