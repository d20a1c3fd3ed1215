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

/** Steps that fit into the seconds left, when every epoch and the end are followed by an evaluation. */
export function affordableSteps(secondsLeft: number, costs: Costs, stepsPerEvaluation: number): number {
  const perStep = costs.step + costs.evaluation / stepsPerEvaluation;
  return Math.max(0, Math.floor((secondsLeft - costs.evaluation / 2) / perStep));
}
