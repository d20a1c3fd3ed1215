import type { PopulationNetwork, SpaceDocument } from "@regnet/core";
import { readRecipe } from "@regnet/train";
import { runStudy } from "../study/runStudy.js";
import type { Sampler } from "../study/sample.js";
import { createStudy, openStudy, type Study } from "../study/study.js";
import { type DesignContext, type DesignImages, tellProgress, workersOf } from "./context.js";
import type { DesignStep } from "./hooks.js";
import type { TrialPlan } from "./plan.js";

/** A population to be trained briefly. */
export interface Round {
  /** The study's name and folder. */
  readonly name: string;
  readonly step: DesignStep;
  readonly images: DesignImages;
  readonly space: SpaceDocument;
  readonly networks: readonly PopulationNetwork[];
  readonly trial: TrialPlan;
  readonly seed: number;
  /** Seconds after which what is not begun stays undone. Default: none. */
  readonly seconds?: number;
}

/** What became of a round. */
export interface RoundResult {
  readonly study: Study;
  readonly trained: number;
  readonly failed: number;
  /** Whether its time ran out first. */
  readonly stopped: boolean;
}

/** Images that batch-norm statistics are computed from anew, against those a short training sees. */
const STATISTICS_SHARE = 0.15;
/** Milliseconds between two looks at the clock. */
const BEAT = 100;

/** Trains a round's networks through a study, or goes on with it. @throws the signal's reason where it is aborted */
export async function runRound(context: DesignContext, round: Round): Promise<RoundResult> {
  const { signal, clock } = context;
  const study = createStudy(context.layout.study(round.name), await specOf(context, round));
  const deadline = new AbortController();
  const end = clock.spent + (round.seconds ?? Number.POSITIVE_INFINITY);
  const beat = setInterval(() => {
    clock.keep();
    if (clock.spent > end) deadline.abort();
  }, BEAT);
  try {
    const summary = await runStudy(study, {
      executor: context.tools.executor(Math.min(workersOf(context.request), round.networks.length)),
      sampler: given(round.networks),
      observer: observe(context, round),
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    signal.throwIfAborted();
    const { done: trained, failed } = summary;
    return { study: openStudy(study.folder), trained, failed, stopped: summary.waiting > 0 };
  } finally {
    clearInterval(beat);
  }
}

/** The networks were drawn beforehand. */
function given(networks: readonly PopulationNetwork[]): Sampler {
  return () => ({
    networks: networks.map(({ spec: model, complexity }) => ({ model, complexity })),
    acceptance: { drawn: networks.length, accepted: networks.length, rejected: {} },
  });
}

async function specOf({ request, tools }: DesignContext, { name, images, space, networks, trial, seed }: Round) {
  const recipe = await readRecipe(request.recipe);
  const preciseStatistics = Math.min(recipe.preciseStatistics, Math.round(STATISTICS_SHARE * trial.train));
  const { source, resolution, channels, classes } = images;
  return {
    name,
    task: tools.task,
    space: space as Record<string, unknown>,
    seed,
    trials: networks.length,
    data: source,
    subset: { train: trial.train, val: trial.validation },
    recipe: { ...recipe, preciseStatistics },
    ...{ resolution, channels, classes },
    epochs: trial.epochs,
    batch: trial.batch,
    engine: request.engine,
    precision: request.precision,
  };
}

function observe(context: DesignContext, { step, networks }: Round) {
  let [done, best] = [0, undefined as number | undefined];
  const tell = () => tellProgress(context, step, { done, total: networks.length, best });
  return {
    onPlan: (plan: { done: number; failed: number }) => {
      done = plan.done + plan.failed;
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
