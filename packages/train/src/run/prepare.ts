import { existsSync } from "node:fs";
import { missing } from "@regnet/core";
import { makeFolder } from "./files.js";
import { RunLayout } from "./layout.js";
import { readMetrics } from "./metrics.js";
import { assertSameRun, holdsRun, isRun, type RunSpec, readRunSpec, remainsOfRun, writeRunSpec } from "./spec.js";

/**
 * The spec of the run in a folder that is to be resumed; undefined where the folder holds none and one may begin.
 * @throws RegnetError when there is a run and none is to be resumed, or the other way round, or another run, or one
 *   whose files are not all there
 */
export function startedRun(folder: string, spec: RunSpec, { resume, checkpointEpochs }: Resuming): RunSpec | undefined {
  const { last, metrics } = new RunLayout(folder);
  if (!isRun(folder)) {
    if (resume === true) throw missing(`run in ${folder}`, "there is nothing to resume");
    if (!resume && existsSync(last)) throw remainsOfRun(folder, last);
    return undefined;
  }
  if (!resume) throw holdsRun(folder);
  const started = readRunSpec(folder);
  assertSameRun(started, spec);
  // A run is evaluated right before its checkpoint is written, and may have ended in between.
  if (resume === true && !existsSync(last) && readMetrics(metrics).length > checkpointEpochs)
    throw missing(last, "the run cannot be gone on with; put the file back, or begin another run (-o)");
  return started;
}

interface Resuming {
  /** "auto": a run is gone on with as far as its files allow, else begun. */
  readonly resume: boolean | "auto";
  /** Epochs from one checkpoint to the next. */
  readonly checkpointEpochs: number;
}

/** Makes a run's folder with its `run.json`. @throws RegnetError when it cannot be written, or another began a run there meanwhile */
export function beginRun(folder: string, spec: RunSpec): void {
  makeFolder(new RunLayout(folder).checkpoints);
  writeRunSpec(folder, spec);
}
