import { simulate } from "./simulate.js";
import type { StudySpec } from "./spec.js";
import type { Task } from "./task.js";

/** The kinds of trial, by their name in a study's spec. */
export const tasks: Readonly<Record<StudySpec["task"], Task>> = { simulate };
