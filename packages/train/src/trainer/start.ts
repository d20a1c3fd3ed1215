import { type Graph, initialise, missing, type Tensors } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import { type Checkpoint, readCheckpoint, type TrainingProgress } from "../run/checkpoint.js";
import { RunLayout } from "../run/layout.js";
import { affordableSteps, evaluationInterval, planSteps } from "./plan.js";
import type { Setup } from "./setup.js";

/** Steps whose time is taken to fit a schedule to a given time; the first ones warm the machine up. */
const PROBE_STEPS = 6;
const WARM_STEPS = 2;

/** Where a training starts. */
export interface StartingPoint extends Checkpoint {
  /** Whether its plan is still to be fitted to the time: nothing of this run was trained before. */
  readonly fresh: boolean;
}

/**
 * Where the training starts: a run that is resumed at its last checkpoint, one that goes on from another run at that one's,
 * else at step 0 with the given weights.
 */
export async function startingPoint(
  layout: RunLayout,
  graph: Graph,
  setup: Setup,
  resumed: boolean,
  weights: () => Promise<Tensors | undefined>,
): Promise<StartingPoint> {
  const kept = resumed ? readCheckpoint(layout.last, graph) : undefined;
  if (kept?.state) return { ...kept, state: kept.state, fresh: false };
  const drawn = initialise(graph, setup.seed);
  if (kept) return { ...kept, state: drawn, fresh: false };
  const steps = setup.steps ?? setup.recipe.epochs * setup.stepsPerEpoch;
  if (setup.continues !== undefined) return continued(setup.continues, graph, steps);
  const tuned = await weights();
  const state = tuned ? { ...drawn, ...tuned, ...averagesOf(graph, tuned) } : drawn;
  return { state, progress: freshProgress(steps), fresh: true };
}

/** The last checkpoint of another run of the same network, its steps counted on. */
function continued(folder: string, graph: Graph, steps: number): StartingPoint {
  const { last } = new RunLayout(folder);
  const before = readCheckpoint(last, graph);
  if (!before?.state) throw missing(last, "there is nothing to go on from");
  const { step, trained } = before.progress;
  const progress = { ...freshProgress(Math.max(steps, step + 1)), step, trained };
  return { state: before.state, progress, fresh: true };
}

/** The training's seconds a step on this machine, measured on the images that the executable's inputs hold. */
export async function probeStep(executable: Executable): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PROBE_STEPS; i++) {
    const started = performance.now();
    await executable.run();
    if (i >= WARM_STEPS) fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest / 1000;
}

/** Steps that a training of so many seconds is expected to afford. */
export function plannedSteps(secondsLeft: number, stepCost: number, evaluationBatches: number, setup: Setup): number {
  const costs = { step: stepCost, evaluation: 0.4 * stepCost * evaluationBatches };
  const interval = evaluationInterval(costs, setup.stepsPerEpoch * setup.evaluateEpochs);
  return Math.max(1, affordableSteps(secondsLeft, costs, interval));
}

function freshProgress(steps: number): TrainingProgress {
  const sums = { loss: 0, right: 0, images: 0, seconds: 0, waited: 0 };
  return { version: 1, step: 0, plan: planSteps(steps), sums, seconds: 0, trained: 0, finished: false };
}

/** Averages start as copies of the weights they follow. */
function averagesOf(graph: Graph, weights: Tensors): Record<string, Float32Array> {
  const followed = graph.parameters.flatMap(({ name, role, initial }) =>
    role === "average" && initial.kind === "copy" && weights[initial.of] ? [[name, weights[initial.of]] as const] : [],
  );
  return Object.fromEntries(followed);
}
