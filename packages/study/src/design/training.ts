import type { SpaceDocument } from "@regnet/core";
import type { Recipe } from "@regnet/train";
import { runStudy } from "../study/runStudy.js";
import type { SampledNetwork, Sampler } from "../study/sample.js";
import { createStudy, type Study } from "../study/study.js";
import { type DesignContext, type DesignImages, tellProgress } from "./context.js";
import type { DesignStep } from "./hooks.js";

/** Trainings that run as the trials of one study. */
export interface Trainings {
  /** The study's folder. */
  readonly name: string;
  readonly step: DesignStep;
  readonly networks: readonly SampledNetwork[];
  readonly threads: number;
  /** Trainings at once. */
  readonly workers: number;
  readonly length: { readonly steps?: number; readonly time?: number };
  readonly pause?: { readonly steps?: number; readonly seconds?: number };
  readonly keep: "best" | "state";
  /** Seconds after which what is not finished stays so. Default: none. */
  readonly seconds?: number;
}

/** What all trainings of a budget have alike. */
export interface Grounds {
  readonly images: DesignImages;
  readonly space: SpaceDocument;
  readonly recipe: Recipe;
  /** Settled by a measurement. */
  readonly precision: "fp32" | "bf16";
}

/** Milliseconds between two looks at the clock. */
const BEAT = 100;

/** Trains networks, or goes on with it. @throws the signal's reason where it is aborted */
export async function train(context: DesignContext, grounds: Grounds, trainings: Trainings): Promise<Study> {
  const { signal, clock, tools } = context;
  const study = createStudy(context.layout.study(trainings.name), specOf(context, grounds, trainings));
  const deadline = new AbortController();
  const end = clock.spent + (trainings.seconds ?? Number.POSITIVE_INFINITY);
  const beat = setInterval(() => {
    clock.keep();
    if (clock.spent > end) deadline.abort();
  }, BEAT);
  try {
    await runStudy(study, {
      executor: tools.executor(Math.min(trainings.workers, trainings.networks.length)),
      sampler: given(trainings.networks),
      observer: observe(context, trainings),
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    signal.throwIfAborted();
    return study;
  } finally {
    clearInterval(beat);
  }
}

/** The networks were drawn beforehand. */
function given(networks: readonly SampledNetwork[]): Sampler {
  return () => ({ networks, acceptance: { drawn: networks.length, accepted: networks.length, rejected: {} } });
}

function specOf(
  { request, tools }: DesignContext,
  { images, space, precision, recipe }: Grounds,
  trainings: Trainings,
) {
  const { source, resolution, channels, classes } = images;
  const { name, networks, length, pause, threads, keep } = trainings;
  return {
    name,
    task: tools.task,
    space: space as Record<string, unknown>,
    seed: request.seed,
    seeds: "same" as const,
    trials: networks.length,
    data: source,
    holdOut: true,
    recipe: recipe as Record<string, unknown>,
    batch: Math.min(recipe.batch, images.train),
    ...{ resolution, channels, classes, threads, ...length, pause },
    engine: request.engine,
    precision,
    weights: keep,
  };
}

function observe(context: DesignContext, { step, networks }: Trainings) {
  let [done, best] = [0, undefined as number | undefined];
  const tell = () => tellProgress(context, step, { done, total: networks.length, best });
  return {
    onPlan: (plan: { done: number; failed: number }) => {
      done = plan.done + plan.failed;
      tell();
    },
    onEpoch: (_: number, { error }: { error: number }) => {
      best = Math.min(best ?? 1, error);
      tell();
    },
    onFinished: ({ result }: { result: { state: string; error?: number } }) => {
      done++;
      if (result.error !== undefined) best = Math.min(best ?? 1, result.error);
      tell();
    },
    onNote: (note: string) => context.hooks.onNote?.(note),
  };
}
