import { type PopulationNetwork, RegnetError, randomFor, type SpaceDocument } from "@regnet/core";
import { compare } from "../analysis/comparison.js";
import type { NarrowedRange } from "../analysis/decision.js";
import { finishedTrials } from "../analysis/fromStudy.js";
import { inferenceMemory } from "../analysis/memory.js";
import { FEWEST_FOR_RANGES, parameterRanges } from "../analysis/ranges.js";
import type { FinishedTrial } from "../analysis/trial.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { predictLatency } from "../latency/model.js";
import { readTrials } from "../study/read.js";
import { canonical, inputOf } from "../study/spec.js";
import { openStudy, type Study } from "../study/study.js";
import type { TrialRecord } from "../study/trial.js";
import { type DesignContext, workersOf } from "./context.js";
import { draw, drawWithin, type Within } from "./draw.js";
import { narrowSpace } from "./narrow.js";
import { type Plan, wavesOf } from "./plan.js";
import { type RoundResult, runRound } from "./round.js";
import type { StepResult } from "./steps.js";

/** What one budget's exploration is made of. */
export interface Exploration extends Within {
  readonly space: SpaceDocument;
  readonly plan: Plan;
  /** The flops of one network of a family. */
  readonly budget?: number;
  /** The study's name. */
  readonly name: string;
}

/** A round may take this much longer than planned before it is cut off, or this share of a network: the slower ones. */
const SLACK = 0.1;
const SLACK_NETWORK = 0.5;

/** Trains the first population briefly. */
export async function explore(context: DesignContext, exploration: Exploration, seconds: number) {
  const { plan, space, budget } = exploration;
  const seed = context.request.seed;
  const networks = await draw(context, space, exploration, { count: plan.networks, seed });
  const round = await trainRound(context, exploration, { step: "explore", space, networks, seed, seconds });
  const trials = roundTrials(context, exploration.name, exploration, exploration.space.name, 0);
  if (trials.length === 0) throw noneTrained(round.study, seconds);
  const errors = trials.map(({ error }) => error);
  const { trained, failed, stopped } = round;
  const facts = { trained, failed, stopped, best: Math.min(...errors), mean: mean(errors) };
  return { value: { trained }, decisions: [{ step: "explore" as const, ...(budget && { budget }), ...facts }] };
}

function noneTrained(study: Study, seconds: number): RegnetError {
  const why = readTrials(study).flatMap(({ result }) => (result.state === "failed" ? [result.reason] : []))[0];
  const given = Math.round(seconds);
  const text =
    why === undefined
      ? `no network was trained within the ${given} s planned: the machine is slower than when it was measured`
      : `no network could be trained: ${why}`;
  const remedy =
    why === undefined ? "run the same again to go on, or give more --time and another folder" : `see ${study.folder}`;
  return new RegnetError(`${text}; ${remedy}`, "unsatisfiable", "time");
}

/** The space within the bootstrap's intervals. */
export function narrow(
  context: DesignContext,
  exploration: Exploration,
): StepResult<{ readonly space: SpaceDocument; readonly ranges: readonly NarrowedRange[] }> {
  const trials = roundTrials(context, exploration.name, exploration, exploration.space.name, 0);
  const { space, narrowed } = narrowSpace(exploration.space, parameterRanges(trials, context.request.seed));
  const why = trials.length < FEWEST_FOR_RANGES ? "few" : space.family === "anynet" ? "stagewise" : undefined;
  return {
    value: { space, ranges: narrowed },
    decisions: [{ step: "narrow", ranges: narrowed, networks: trials.length, ...(why && { why }) }],
  };
}

/** Trains new networks of the narrowed space as briefly. */
export async function refine(
  context: DesignContext,
  exploration: Exploration,
  narrowed: SpaceDocument,
): Promise<StepResult<{ readonly trained: number }>> {
  const { plan } = exploration;
  if (plan.refined < 1) return { value: { trained: 0 } };
  const before = roundTrials(context, exploration.name, exploration, "", 0);
  const seed = context.request.seed + 1;
  const known = new Set(records(context, exploration.name).map(({ trial }) => canonical(trial.model)));
  const { networks } = await drawWithin(context, narrowed, exploration, { count: plan.refined, seed, known });
  if (networks.length === 0) return unrefined({ drawn: 0, failed: 0, stopped: false });
  const seconds = plan.refineSeconds;
  const round = await trainRound(
    context,
    { ...exploration, name: "refine" },
    { step: "refine", space: narrowed, networks, seed, seconds },
  );
  const errors = roundTrials(context, "refine", exploration, "", 0).map(({ error }) => error);
  const { trained, failed, stopped } = round;
  if (errors.length === 0) return unrefined({ drawn: networks.length, failed, stopped });
  const past = before.map(({ error }) => error);
  const { interval } = compare("explore", past, "refine", errors, randomFor(seed, "refine"));
  const facts = {
    trained,
    failed,
    stopped,
    best: Math.min(...errors),
    mean: mean(errors),
    before: mean(past),
    interval,
  };
  return { value: { trained }, decisions: [{ step: "refine", ...facts }] };
}

function unrefined(facts: {
  readonly drawn: number;
  readonly failed: number;
  readonly stopped: boolean;
}): StepResult<{ readonly trained: number }> {
  return { value: { trained: 0 }, decisions: [{ step: "unrefined", ...facts }] };
}

/** The done trials of a round, as the analysis sees them. */
export function roundTrials(
  context: DesignContext,
  name: string,
  { latency, images }: Pick<Exploration, "latency" | "images">,
  population: string,
  firstId: number,
): FinishedTrial[] {
  const input = inputOf(images);
  return finishedTrials(openStudy(context.layout.study(name)), records(context, name), {
    population,
    firstId,
    latency: ({ trial: { model: spec, complexity } }) =>
      latency && { milliseconds: predictLatency(latency, latencyFeatures({ spec, complexity })), from: "predicted" },
    memory: ({ trial }) => inferenceMemory(trial.model, input),
  });
}

/** The finished trials of a round. */
export function records(context: DesignContext, name: string): readonly TrialRecord[] {
  return readTrials(openStudy(context.layout.study(name)));
}

function trainRound(
  context: DesignContext,
  { images, plan, name }: Exploration,
  round: {
    step: "explore" | "refine";
    space: SpaceDocument;
    networks: readonly PopulationNetwork[];
    seed: number;
    seconds: number;
  },
): Promise<RoundResult> {
  const waves = wavesOf(round.step === "explore" ? plan.networks : plan.refined, workersOf(context.request));
  const seconds = round.seconds * (1 + Math.max(SLACK, SLACK_NETWORK / waves));
  return runRound(context, { ...round, name, images, trial: plan.trial, seconds });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
