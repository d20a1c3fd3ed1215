import { missing } from "@regnet/core";
import { makeFolder } from "./files.js";
import { RunLayout } from "./layout.js";
import { assertSameRun, holdsRun, isRun, type RunSpec, readRunSpec, writeRunSpec } from "./spec.js";

/**
 * The spec of the run in a folder that is to be resumed; undefined where the folder holds none and one may begin.
 * @throws RegnetError when there is a run and none is to be resumed, or the other way round, or another run
 */
export function startedRun(folder: string, spec: RunSpec, resume: boolean | "auto"): RunSpec | undefined {
  if (!isRun(folder)) {
    if (resume === true) throw missing(`run in ${folder}`, "there is nothing to resume");
    return undefined;
  }
  if (!resume) throw holdsRun(folder);
  const started = readRunSpec(folder);
  assertSameRun(started, spec);
  return started;
}

/** Makes a run's folder with its `run.json`. @throws RegnetError when it cannot be written, or another began a run there meanwhile */
export function beginRun(folder: string, spec: RunSpec): void {
  makeFolder(new RunLayout(folder).checkpoints);
  writeRunSpec(folder, spec);
}
