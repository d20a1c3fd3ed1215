import type { Complexity, ModelSpec } from "@regnet/core";
import type { DesignContext } from "./context.js";
import { records } from "./explore.js";

/** A round's study, and the number that its first trial has in the report's table. */
export interface NumberedRound {
  readonly name: string;
  readonly firstId: number;
}

/** A trained network that may become a finalist. */
export interface Candidate {
  /** Its number in the report's table of trials. */
  readonly id: number;
  readonly error: number;
  readonly spec: ModelSpec;
  readonly complexity: Complexity;
}

/** The done trials of rounds, the least error first. */
export function candidatesOf(context: DesignContext, rounds: readonly NumberedRound[]): Candidate[] {
  return rounds
    .flatMap(({ name, firstId }) =>
      records(context, name).flatMap(({ trial, result }) =>
        result.state === "done"
          ? [{ id: firstId + trial.id, error: result.error, spec: trial.model, complexity: trial.complexity }]
          : [],
      ),
    )
    .sort((a, b) => a.error - b.error || a.id - b.id);
}
