import { RegnetError } from "@regnet/core";
import type { DecisionFacts, FailedTraining } from "../analysis/decision.js";
import { failureEn } from "../report/messages/decisionsEn.js";
import { type DesignContext, type DesignImages, tellProgress, workersOf } from "./context.js";
import type { Finalist } from "./finalists.js";
import type { FullResult, FullTask } from "./full/fullTrainer.js";
import type { StepResult } from "./steps.js";

/** A finalist with what came of its training. */
export interface TrainedFinalist extends Finalist {
  readonly result: FullResult;
}

/**
 * Trains the finalists and the baseline fully, under one recipe with one seed. A training that fails is left out and told.
 *
 * @throws RegnetError where no finalist is left
 */
export async function trainFinalists(
  context: DesignContext,
  images: DesignImages,
  finalists: readonly Finalist[],
): Promise<StepResult<readonly TrainedFinalist[]>> {
  const { request, layout, hooks, signal, tools } = context;
  const tasks: FullTask[] = finalists.map(({ name, spec, seconds, batch }) => ({
    name,
    folder: layout.run(folderName(name)),
    model: spec,
    seconds,
    batch,
  }));
  const total = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
  const beat = setInterval(() => context.clock.keep(), 1000);
  try {
    const outcomes = await tools.fullTrainer({
      ...{ request, images, tasks, signal },
      processes: workersOf(request),
      onProgress: (done, best) => tellProgress(context, "train", { done: Math.min(done, total), total, best }),
      onNote: (note) => hooks.onNote?.(note),
    });
    return resultOf(finalists, outcomes);
  } finally {
    clearInterval(beat);
  }
}

function resultOf(
  finalists: readonly Finalist[],
  outcomes: readonly (FullResult | FailedTraining)[],
): StepResult<readonly TrainedFinalist[]> {
  const failed = outcomes.flatMap((one) => ("accuracy" in one ? [] : inShort(one)));
  const trained = finalists.flatMap((finalist) => {
    const result = outcomes.find(({ name }) => name === finalist.name);
    return result && "accuracy" in result ? [{ ...finalist, result }] : [];
  });
  if (trained.every(({ role }) => role === "baseline")) throw noneLeft(failed);
  const told: DecisionFacts[] = failed.length > 0 ? [{ step: "train", failed }] : [];
  return { value: trained, decisions: [...told, ...trained.filter(isBaseline).map(baselineFacts)] };
}

function noneLeft(failed: readonly FailedTraining[]): RegnetError {
  const reasons = failed.map((one) => `${one.name}: ${failureEn(one)}`).join("; ");
  return new RegnetError(`no finalist could be trained fully (${reasons}); run the same again to try once more`);
}

/** As much as a sentence holds: the first line of a stack, but the last that a process wrote. */
function inShort(failed: FailedTraining): FailedTraining {
  const { name } = failed;
  if ("reason" in failed) return { name, reason: linesOf(failed.reason)[0] ?? "" };
  const { by, tail } = failed.death;
  return { name, death: { by, tail: linesOf(tail).at(-1) ?? "" } };
}

function linesOf(text: string): string[] {
  return text.split("\n").flatMap((line) => line.trim() || []);
}

function isBaseline({ role }: Finalist): boolean {
  return role === "baseline";
}

function baselineFacts({ name, complexity, result }: TrainedFinalist): DecisionFacts {
  return { step: "baseline", name, flops: complexity.flops, accuracy: result.accuracy, epochs: result.epochs };
}

/** Names of networks hold characters that some file systems do not. */
export function folderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.]+/g, "-");
}

/** The finalist of the highest accuracy; the baseline takes no part. */
export function chooseWinner(
  images: DesignImages,
  trained: readonly TrainedFinalist[],
): StepResult<{ readonly name: string }> {
  const finalists = trained.filter(({ role }) => role === "finalist");
  const baseline = trained.find(({ role }) => role === "baseline");
  const [winner, ...others] = [...finalists].sort((a, b) => b.result.accuracy - a.result.accuracy);
  return {
    value: { name: winner.name },
    decisions: [
      {
        step: "choose",
        name: winner.name,
        accuracy: winner.result.accuracy,
        others: others.map(({ result }) => result.accuracy),
        baseline: baseline?.result.accuracy,
        validation: images.validation,
      },
    ],
  };
}
