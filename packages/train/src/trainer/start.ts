import { type Graph, initialise, type Tensors } from "@regnet/core";
import type { Executable } from "@regnet/engine";
import { type Checkpoint, readCheckpoint, type TrainingProgress } from "../run/checkpoint.js";
import type { RunLayout } from "../run/layout.js";
import { affordableSteps, planSteps } from "./plan.js";
import type { Setup } from "./setup.js";

/** Steps whose time is taken to fit a schedule to a given time; the first ones warm the machine up. */
const PROBE_STEPS = 6;
const WARM_STEPS = 2;

/** Where the training starts: a run that is resumed at its last checkpoint, else at step 0 with the given weights. */
export async function startingPoint(
  layout: RunLayout,
  graph: Graph,
  setup: Setup,
  resumed: boolean,
  weights: () => Promise<Tensors | undefined>,
): Promise<Checkpoint> {
  const kept = resumed ? readCheckpoint(layout.last, graph) : undefined;
  if (kept?.state) return { ...kept, state: kept.state };
  const drawn = initialise(graph, setup.seed);
  if (kept) return { ...kept, state: drawn };
  const tuned = await weights();
  const state = tuned ? { ...drawn, ...tuned, ...averagesOf(graph, tuned) } : drawn;
  return { state, progress: freshProgress(setup.recipe.epochs * setup.stepsPerEpoch) };
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
  return Math.max(1, affordableSteps(secondsLeft, costs, setup.stepsPerEpoch * setup.evaluateEpochs));
}

function freshProgress(steps: number): TrainingProgress {
  const sums = { loss: 0, right: 0, images: 0, seconds: 0, waited: 0 };
  return { version: 1, step: 0, plan: planSteps(steps), sums, seconds: 0, finished: false };
}

/** Averages start as copies of the weights they follow. */
function averagesOf(graph: Graph, weights: Tensors): Record<string, Float32Array> {
  const followed = graph.parameters.flatMap(({ name, role, initial }) =>
    role === "average" && initial.kind === "copy" && weights[initial.of] ? [[name, weights[initial.of]] as const] : [],
  );
  return Object.fromEntries(followed);
}
