import { freeMemory } from "@regnet/engine";
import { readTrial } from "../study/read.js";
import type { Study } from "../study/study.js";

/** A process that runs trials, whose speed can be measured and which can be held up meanwhile. */
export interface Paced {
  /** Steps a second over about so many seconds; undefined where it takes none. */
  measure(seconds: number): Promise<number | undefined>;
  /** @returns whether it stands still now */
  pause(): Promise<boolean>;
  resume(): void;
}

/** What so many processes do together, as a multiple of what one does alone. */
export interface ProbePoint {
  readonly processes: number;
  readonly speed: number;
}

/** Seconds of steps for each number of processes, each time. */
const SECONDS = 0.06;
/** Times that each number is measured, unless at first all of them pay off beyond doubt; the median counts. */
const ROUNDS = 5;
/** All processes pay off clearly where any fewer have less than this share of their speed. */
const CLEARLY_LESS = 0.8;
/** Fewer processes count as enough from this share of the best speed on: each costs memory. */
const ENOUGH = 0.97;
/** Share of the free memory that further processes may take. */
const MEMORY_SHARE = 0.8;

/**
 * What 1, 2, 4, … of these processes do at once: measured by the steps of the trials that they are at, while the others
 * stand still for a moment. A process counts by its speed as a share of the one it has when all are at work, since each
 * trains another network. No trial comes out differently for it.
 *
 * @param workers that take steps
 * @returns undefined where they did not all take steps for long enough
 */
export async function probe(workers: readonly Paced[]): Promise<readonly ProbePoint[] | undefined> {
  const rounds: ProbePoint[][] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const round = await measureRound(workers);
    if (round) rounds.push(round);
    if (round && allPayOff(rounds[0])) break;
  }
  return rounds[0]?.map(({ processes }, i) => ({ processes, speed: median(rounds.map((round) => round[i].speed)) }));
}

async function measureRound(workers: readonly Paced[]): Promise<ProbePoint[] | undefined> {
  const measured: { readonly processes: number; readonly rates: readonly number[] }[] = [];
  let running = workers.length;
  try {
    for (const processes of counts(workers.length).reverse()) {
      const paused = await Promise.all(workers.slice(processes, running).map((worker) => worker.pause()));
      running = processes;
      const rates = await Promise.all(workers.slice(0, processes).map((worker) => worker.measure(SECONDS)));
      if (paused.includes(false) || !rates.every(isRate)) return undefined;
      measured.unshift({ processes, rates });
    }
  } finally {
    for (const worker of workers) worker.resume();
  }
  const company = measured[measured.length - 1].rates;
  const speedOf = (rates: readonly number[]) => sum(rates.map((rate, i) => rate / company[i]));
  const one = speedOf(measured[0].rates);
  return measured.map(({ processes, rates }) => ({ processes, speed: speedOf(rates) / one }));
}

/** Whether the greatest number of processes is faster than any other beyond doubt. */
export function allPayOff(points: readonly ProbePoint[]): boolean {
  const all = points[points.length - 1].speed;
  return points.slice(0, -1).every(({ speed }) => speed < CLEARLY_LESS * all);
}

/** 1, 2, 4, … and the greatest. */
export function counts(most: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(most)) }, (_, i) => 2 ** i);
  return [...powers, most];
}

/** The least number of processes that is about as fast as the fastest. */
export function best(points: readonly ProbePoint[]): ProbePoint {
  const fastest = Math.max(...points.map(({ speed }) => speed));
  return points.find(({ speed }) => speed >= ENOUGH * fastest) ?? points[points.length - 1];
}

/** A trial at work, and the bytes that its process holds. */
export interface HeldMemory {
  readonly id: number;
  readonly bytes: number;
}

/** How many processes more fit into the free memory, each with a network of the population's median activations. */
export function fittingBeside(held: readonly HeldMemory[], study: Study, ids: readonly number[]): number {
  const acts = (id: number) => readTrial(study, id)?.complexity.acts ?? 0;
  const typical = median(ids.slice(0, 101).map(acts));
  const each = held.map(({ id, bytes }) => bytes * Math.max(1, typical / Math.max(1, acts(id))));
  return Math.floor((MEMORY_SHARE * freeMemory()) / Math.max(...each));
}

function isRate(rate: number | undefined): rate is number {
  return rate !== undefined && rate > 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The upper one of an even number. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
