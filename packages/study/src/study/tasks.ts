import { RegnetError } from "@regnet/core";
import { simulate } from "./simulate.js";
import type { StudySpec } from "./spec.js";
import type { Task } from "./task.js";

const tasks: Readonly<Partial<Record<StudySpec["task"], Task>>> = { simulate };

/** The kind of trial that a study's spec names. @throws RegnetError for one that this version does not have */
export function taskOf({ task }: StudySpec): Task {
  const found = tasks[task];
  if (!found) throw new RegnetError(`unknown task: "${task}", expected ${Object.keys(tasks).join(" or ")}`, "unknown");
  return found;
}
