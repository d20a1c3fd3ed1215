import { invalid, type PopulationNetwork } from "@regnet/core";
import type { DecisionFacts } from "../analysis/decision.js";
import { readTrials } from "../study/read.js";
import type { DoneResult } from "../study/trial.js";
import { type DesignContext, type DesignImages, workersOf } from "./context.js";
import type { Speed } from "./plan.js";
import { runRound } from "./round.js";
import { type DesignSpace, drawNetworks } from "./space.js";
import type { StepResult } from "./steps.js";

/** What the machine does. */
export interface MeasuredSpeed {
  /** One a budget. */
  readonly speeds: readonly Speed[];
  readonly processes: number;
}

/** Images a second of a network of one multiply-add an image: a rough guess, to choose how many images to measure with. */
const GUESS = 1e10;
/** Seconds that a measurement should take. */
const WANTED_SECONDS = 1.5;
/** Inference takes about a third of a training step. */
const EVALUATION_FACTOR = 3;
const BATCH = 64;

/** Trains two networks a process, of every budget, on a few images: the same way as in the rounds to come. */
export async function measureSpeed(
  context: DesignContext,
  images: DesignImages,
  { space, limits }: DesignSpace,
): Promise<StepResult<MeasuredSpeed>> {
  const processes = workersOf(context.request);
  const speeds: Speed[] = [];
  const decisions: DecisionFacts[] = [];
  for (const [i, one] of limits.entries()) {
    const networks = drawNetworks(space, images, one, { count: 2 * processes, seed: context.request.seed });
    const flops = mean(networks.map(({ complexity }) => complexity.flops));
    const train = Math.round(
      Math.min(images.train, Math.max(4 * BATCH, Math.min(4096, (WANTED_SECONDS * GUESS) / flops))),
    );
    const trial = { epochs: 1, train, validation: Math.min(images.validation, Math.ceil(train / 5)), batch: BATCH };
    const speed = await probe(context, images, space, { name: nameOf(i, limits.length), networks, trial });
    speeds.push(speed);
    const { engine = "auto" } = context.request;
    decisions.push({ step: "speed", engine, imagesPerSecond: speed.imagesPerSecond * processes, processes, flops });
  }
  return { value: { speeds, processes }, decisions };
}

type Probe = { name: string; networks: readonly PopulationNetwork[]; trial: Parameters<typeof runRound>[1]["trial"] };

async function probe(
  context: DesignContext,
  images: DesignImages,
  space: DesignSpace["space"],
  { name, networks, trial }: Probe,
): Promise<Speed> {
  const { study } = await runRound(context, { name, step: "speed", images, space, networks, trial, seed: 0 });
  const results = readTrials(study).flatMap(({ result }) => (result.state === "done" ? [result] : []));
  if (results.length === 0) throw failedProbe(readTrials(study).map(({ result }) => result));
  const imagesPerSecond = harmonicMean(results.map((result) => rateOf(result, trial.train)));
  const evaluatedPerSecond = EVALUATION_FACTOR * imagesPerSecond;
  const later = results.slice(-Math.ceil(results.length / 2));
  const overhead =
    mean(later.map(({ seconds }) => seconds)) - trial.train / imagesPerSecond - trial.validation / evaluatedPerSecond;
  return { imagesPerSecond, evaluatedPerSecond, overhead: Math.max(0.05, overhead) };
}

/** A simulated trial trains nothing: its images count as trained within its time. */
function rateOf({ imagesPerSecond, seconds }: DoneResult, train: number): number {
  return imagesPerSecond > 0 ? imagesPerSecond : train / Math.max(1e-3, seconds);
}

function failedProbe(results: readonly { readonly state: string; readonly reason?: string }[]) {
  return invalid(
    "networks",
    results[0]?.reason ?? "none trained",
    "at least one that trains",
    "see the probe's trials",
  );
}

function nameOf(index: number, budgets: number): string {
  return budgets === 1 ? "probe" : `probe-${index + 1}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function harmonicMean(values: readonly number[]): number {
  return 1 / mean(values.map((value) => 1 / value));
}
