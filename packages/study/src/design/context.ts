import { availableParallelism } from "node:os";
import type { ModelSpec } from "@regnet/core";
import type { Executor } from "../executors/executor.js";
import type { MeasureNetwork, MeasureOptions } from "../latency/measure.js";
import type { Language } from "../report/messages/index.js";
import type { Clock } from "./clock.js";
import type { DesignHooks, DesignStep } from "./hooks.js";
import type { DesignLayout } from "./layout.js";
import type { DesignRequest } from "./options.js";
import type { MeasuredSpeed } from "./speed.js";
import type { Steps } from "./steps.js";
import type { NetworkWriter } from "./writeNetwork.js";

/** How a design gets networks trained. Replaced where nothing is to be trained, as in tests. */
export interface DesignTools {
  /** Runs so many trainings at once. */
  readonly executor: (workers: number) => Executor;
  readonly task: "train" | "simulate";
  /** How fast a network trains here with the whole machine. */
  readonly speed: (request: DesignRequest, images: DesignImages, model: ModelSpec) => Promise<MeasuredSpeed>;
  /** Latencies. */
  readonly measure: (engine: DesignRequest["engine"], options: MeasureOptions) => MeasureNetwork;
  /** Exports. */
  readonly writer: NetworkWriter;
  /** Seconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** What the steps of a design share. */
export interface DesignContext {
  readonly request: DesignRequest;
  readonly layout: DesignLayout;
  readonly clock: Clock;
  readonly steps: Steps;
  readonly hooks: DesignHooks;
  readonly tools: DesignTools;
  readonly signal: AbortSignal;
  /** Of the report. */
  readonly language: Language;
}

/** The images a design is for. */
export interface DesignImages {
  /** What `openDataSet` takes. */
  readonly source: string;
  readonly name: string;
  readonly resolution: number;
  readonly channels: number;
  readonly classes: number;
  readonly train: number;
  /** Images that choices are made on. */
  readonly validation: number;
  /** Images held out: the last figure is of these. */
  readonly test: number;
}

/** Measures latencies on the engine that was asked for. */
export function measureHere({ tools, request }: DesignContext, seconds: number): MeasureNetwork {
  return tools.measure(request.engine, { seconds });
}

/** Threads of the winner's training: the whole machine. One that races has one of them. */
export function threadsOf({ threads }: DesignRequest): number {
  return threads ?? availableParallelism();
}

/** Trainings at once while several networks race. */
export function workersOf({ workers }: DesignRequest): number {
  return workers ?? availableParallelism();
}

export function tellProgress(
  { hooks, clock }: DesignContext,
  step: DesignStep,
  counts: { readonly done: number; readonly total: number; readonly best?: number },
): void {
  clock.keep();
  hooks.onProgress?.({ step, ...counts, spent: clock.spent, budget: clock.budget });
}
