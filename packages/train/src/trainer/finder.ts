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
  /**
   * The learning rate to train with: that of the steepest fall, and no more than a third of the edge. Undefined where
   * the loss neither fell nor rose.
   */
  readonly suggestion?: number;
  /** Where the smoothed loss fell most steeply before the edge; undefined where it did not fall by a twentieth. */
  readonly steepest?: number;
  /** Where the smoothed loss first stood a twentieth above its least: about the greatest that is stable at the start. */
  readonly edge?: number;
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
/** Steps until the mean is over enough losses to be compared. */
const BURN_IN = 10;
/** Steps over which a fall is measured. */
const WINDOW = 8;
/** Change of the loss that counts, as a share. */
const CHANGE = 0.05;
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
  const counted = curve.slice(BURN_IN);
  let least = 0;
  let end = 0;
  for (; end < counted.length && counted[end].smoothed <= (1 + CHANGE) * counted[least].smoothed; end++) {
    if (counted[end].smoothed < counted[least].smoothed) least = end;
  }
  const edge = counted[end]?.learningRate;
  const steepest = steepestFall(counted.slice(0, least + 1));
  const bounds = [steepest, edge && edge / 3].filter((rate) => rate !== undefined);
  const suggestion = bounds.length > 0 ? Number(Math.min(...bounds).toPrecision(2)) : undefined;
  return { curve, suggestion, steepest, edge };
}

/** The learning rate in the middle of the steepest fall, of points of which the last is the least. */
function steepestFall(points: readonly FinderPoint[]): number | undefined {
  const last = points[points.length - 1];
  if (points.length <= WINDOW || last.smoothed > (1 - CHANGE) * points[0].smoothed) return undefined;
  const fall = (i: number) => points[i].smoothed - points[i + WINDOW].smoothed;
  let steepest = 0;
  for (let i = 1; i + WINDOW < points.length; i++) if (fall(i) > fall(steepest)) steepest = i;
  return points[steepest + WINDOW / 2].learningRate;
}
