import type { Plan } from "../run/checkpoint.js";

/** The plan of a training of so many steps. */
export function planSteps(steps: number): Plan {
  return { fromStep: 0, fromShare: 0, steps };
}

/** Share of the training that is done after so many steps. */
export function shareAt({ fromStep, fromShare, steps }: Plan, step: number): number {
  if (step >= steps) return 1;
  return fromShare + ((1 - fromShare) * (step - fromStep)) / (steps - fromStep);
}

/** The plan that goes on from `step` without a jump and ends after `steps`. */
export function replan(plan: Plan, step: number, steps: number): Plan {
  return { fromStep: step, fromShare: Math.min(1, shareAt(plan, step)), steps: Math.max(steps, step + 1) };
}

/** What a training costs, in seconds. */
export interface Costs {
  readonly step: number;
  readonly evaluation: number;
}

/** Share of a given time that evaluations on the way may take. */
const EVALUATION_SHARE = 0.04;

/**
 * Steps from one evaluation to the next where the time is given: whole epochs, as many as keep evaluations within their
 * share of the time.
 * @param least steps between two evaluations at least
 */
export function evaluationInterval({ step, evaluation }: Costs, least: number): number {
  return step > 0 ? least * Math.max(1, Math.ceil(evaluation / EVALUATION_SHARE / (least * step))) : least;
}

/**
 * Steps that fit into the seconds left, when there is an evaluation after every so many steps and at the end.
 * @param sinceEvaluation steps done since the last one
 */
export function affordableSteps(
  secondsLeft: number,
  { step, evaluation }: Costs,
  stepsPerEvaluation: number,
  sinceEvaluation = 0,
): number {
  const seconds = secondsLeft + sinceEvaluation * step;
  const round = stepsPerEvaluation * step + evaluation;
  const rounds = Math.max(0, Math.floor(seconds / round));
  const last = Math.floor((seconds - rounds * round - evaluation) / step);
  return Math.max(0, rounds * stepsPerEvaluation + Math.max(0, last) - sinceEvaluation);
}
