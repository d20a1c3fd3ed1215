import { dropPathInputs } from "./dropPath.js";
import { Feeder } from "./feeder.js";
import { startingWeights } from "./fineTune.js";
import type { TrainHooks, TrainOptions } from "./options.js";
import { inferenceGraph, type Setup, setUp, trainingGraph } from "./setup.js";
import { Stepper } from "./stepper.js";

/** One step of the search. */
export interface FinderPoint {
  readonly learningRate: number;
  readonly loss: number;
  /** Exponential mean of the losses so far. */
  readonly smoothed: number;
}

/** What the search found. */
export interface LearningRateFinding {
  readonly curve: readonly FinderPoint[];
  /** A tenth of the learning rate at which the smoothed loss was least. */
  readonly suggestion: number;
  /** Where the smoothed loss fell most steeply. */
  readonly steepest: number;
}

/** What `findLearningRate` is told: a training's options, without its folder. */
export type FinderOptions = Omit<TrainOptions, "folder" | "resume" | "epochs" | "time" | "learningRate">;

/** What a search tells while it runs. */
export interface FinderHooks extends Pick<TrainHooks, "onDataProgress" | "onNote"> {
  readonly onStep?: (point: FinderPoint, step: number, steps: number) => void;
}

const RANGES = { sgd: [1e-4, 30], adamw: [1e-6, 1] } as const;
const STEPS = 120;
const SMOOTHING = 0.85;
/** The search ends where the loss has grown this much. */
const EXPLODED = 3;

/**
 * Smith's range test (arXiv 1506.01186): the learning rate rises from step to step, by a constant factor, until the loss
 * explodes. Nothing is kept of the training.
 */
export async function findLearningRate(options: FinderOptions, hooks: FinderHooks = {}): Promise<LearningRateFinding> {
  const setup = await setUp({ ...options, folder: "" }, hooks.onDataProgress);
  const { engine, threads, precision, seed } = setup;
  const graph = trainingGraph(setup);
  const tuned = await startingWeights(setup, (note) => hooks.onNote?.(note));
  const executable = await engine.compile(graph, { threads, precision, seed, state: tuned });
  const feeder = new Feeder(executable, setup, 0);
  const dropPaths = dropPathInputs(graph, inferenceGraph(setup, setup.recipe.batch));
  try {
    const stepper = new Stepper(executable, feeder, setup, dropPaths);
    return summarise(await search(stepper, setup, options.signal, hooks.onStep));
  } finally {
    await feeder.close();
    executable.dispose();
  }
}

async function search(
  stepper: Stepper,
  { recipe }: Setup,
  signal: AbortSignal | undefined,
  onStep: FinderHooks["onStep"],
): Promise<FinderPoint[]> {
  const [low, high] = RANGES[recipe.optimiser.kind];
  const curve: FinderPoint[] = [];
  let mean = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS; step++) {
    signal?.throwIfAborted();
    const learningRate = low * (high / low) ** (step / (STEPS - 1));
    const { loss } = await stepper.take(step, learningRate, step + 1 < STEPS);
    if (!Number.isFinite(loss)) break;
    mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
    const smoothed = mean / (1 - SMOOTHING ** (step + 1));
    least = Math.min(least, smoothed);
    curve.push({ learningRate, loss, smoothed });
    onStep?.(curve[curve.length - 1], step + 1, STEPS);
    if (smoothed > EXPLODED * least) break;
  }
  return curve;
}

/** The finding of a curve. */
export function summarise(curve: readonly FinderPoint[]): LearningRateFinding {
  let [least, steepest] = [0, 0];
  const slope = (i: number) => curve[i + 1].smoothed - curve[i].smoothed;
  for (let i = 1; i < curve.length; i++) if (curve[i].smoothed < curve[least].smoothed) least = i;
  for (let i = 1; i < least; i++) if (slope(i) < slope(steepest)) steepest = i;
  return {
    curve,
    suggestion: Number(((curve[least]?.learningRate ?? 0) / 10).toPrecision(2)),
    steepest: Number((curve[steepest]?.learningRate ?? 0).toPrecision(2)),
  };
}
