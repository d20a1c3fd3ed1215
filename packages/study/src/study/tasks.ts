import { simulate } from "./simulate.js";
import type { StudySpec } from "./spec.js";
import type { Task } from "./task.js";

/** The kind of trial that a study's spec names. Loads what it needs only then: a simulated study needs no engine. */
export async function taskOf({ task }: StudySpec): Promise<Task> {
  switch (task) {
    case "train":
      return (await import("./train.js")).train;
    case "simulate":
      return simulate;
    default:
      return task satisfies never;
  }
}
