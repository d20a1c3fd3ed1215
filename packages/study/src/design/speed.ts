import { type PopulationNetwork, RegnetError } from "@regnet/core";
import { chooseEngine, type EngineId } from "@regnet/engine";
import type { DecisionFacts } from "../analysis/decision.js";
import { readTrials } from "../study/read.js";
import type { DoneResult, TrialResult } from "../study/trial.js";
import { type DesignContext, type DesignImages, workersOf } from "./context.js";
import { draw } from "./draw.js";
import { budgetsOf } from "./options.js";
import type { Speed, TrialPlan } from "./plan.js";
import { runRound } from "./round.js";
import type { DesignSpace } from "./space.js";
import type { StepResult } from "./steps.js";

/** What the machine does. */
export interface MeasuredSpeed {
  readonly engine: EngineId;
  /** One a budget. */
  readonly speeds: readonly Speed[];
  readonly processes: number;
}

/** Training images a second times flops, roughly, to choose how many images to measure with. */
const GUESS: Readonly<Record<EngineId, number>> = { onednn: 1e10, onnxruntime: 1.5e9 };
/** Seconds that a measurement should take; the share of the time that all may, and the seconds that one may in any case. */
const WANTED_SECONDS = 1.5;
const MOST_SHARE = 0.08;
const LEAST_SECONDS = 6;
/** A measurement that does not end in time is tried again with fewer images. */
const ATTEMPTS = 3;
/** Inference takes about a third of a training step. */
const EVALUATION_FACTOR = 3;
const BATCH = 64;

/** Trains two networks a process, of every budget, on a few images: the same way as in the rounds to come. */
export async function measureSpeed(
  context: DesignContext,
  images: DesignImages,
  { space, limits, latency }: DesignSpace,
): Promise<StepResult<MeasuredSpeed>> {
  const { request } = context;
  const processes = workersOf(request);
  const engine = (await chooseEngine(request.engine ?? "auto")).id;
  const speeds: Speed[] = [];
  const decisions: DecisionFacts[] = [];
  const budgets = budgetsOf(request);
  const seconds = Math.max(LEAST_SECONDS, (MOST_SHARE * request.time) / limits.length);
  for (const [i, one] of limits.entries()) {
    const within = { images, limits: one, latency: latency?.model };
    const networks = await draw(context, space, within, { count: 2 * processes, seed: request.seed });
    const flops = mean(networks.map(({ complexity }) => complexity.flops));
    const wanted = (WANTED_SECONDS * GUESS[engine]) / flops;
    const speed = await probe(context, { images, space, networks }, { name: `probe-${i + 1}`, wanted, seconds });
    speeds.push(speed);
    const facts = { engine, imagesPerSecond: speed.imagesPerSecond * processes, processes, flops };
    decisions.push({ step: "speed", ...(budgets && { budget: budgets[i] }), ...facts });
  }
  return { value: { engine, speeds, processes }, decisions };
}

interface Probed {
  readonly images: DesignImages;
  readonly space: DesignSpace["space"];
  readonly networks: readonly PopulationNetwork[];
}

interface Probe {
  readonly name: string;
  /** Images that a network should be trained on, and seconds that all of it may take. */
  readonly wanted: number;
  readonly seconds: number;
}

async function probe(context: DesignContext, probed: Probed, { name, wanted, seconds }: Probe) {
  let results: readonly TrialResult[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const trial = probeTrial(probed.images, wanted / 4 ** attempt);
    const round = { ...probed, name: `${name}-${attempt + 1}`, step: "speed" as const, trial, seed: 0, seconds };
    const { study } = await runRound(context, round);
    results = readTrials(study).map(({ result }) => result);
    const done = results.flatMap((result) => (result.state === "done" ? [result] : []));
    if (done.length > 0) return speedOf(done, trial);
  }
  throw failedProbe(results);
}

function probeTrial({ train, validation }: DesignImages, wanted: number): TrialPlan {
  const images = Math.round(Math.min(train, Math.max(2 * BATCH, Math.min(4096, wanted))));
  return { epochs: 1, train: images, validation: Math.min(validation, Math.ceil(images / 5)), batch: BATCH };
}

/** The later trials of a process do without its start. */
function speedOf(results: readonly DoneResult[], { train, validation }: TrialPlan): Speed {
  const imagesPerSecond = harmonicMean(results.map((result) => rateOf(result, train)));
  const evaluatedPerSecond = EVALUATION_FACTOR * imagesPerSecond;
  const later = results.slice(-Math.ceil(results.length / 2));
  const inImages = train / imagesPerSecond + validation / evaluatedPerSecond;
  const overhead = mean(later.map(({ seconds }) => seconds)) - inImages;
  return { imagesPerSecond, evaluatedPerSecond, overhead: Math.max(0.05, overhead) };
}

/** A simulated trial trains nothing: its images count as trained within its time. */
function rateOf({ imagesPerSecond, seconds }: DoneResult, train: number): number {
  return imagesPerSecond > 0 ? imagesPerSecond : train / Math.max(1e-3, seconds);
}

function failedProbe(results: readonly TrialResult[]): RegnetError {
  const failed = results.find((result) => result.state === "failed");
  const why = failed ? failed.reason : "none ended in time; give more --time, a smaller budget or --res";
  return new RegnetError(`no network could be trained to measure the speed: ${why}`, "unsatisfiable", "time");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function harmonicMean(values: readonly number[]): number {
  return 1 / mean(values.map((value) => 1 / value));
}
