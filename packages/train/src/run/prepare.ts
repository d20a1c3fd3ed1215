import { mkdirSync } from "node:fs";
import { missing, RegnetError } from "@regnet/core";
import { explainWriting } from "./files.js";
import { RunLayout } from "./layout.js";
import { assertSameRun, isRun, type RunSpec, readRunSpec, writeRunSpec } from "./spec.js";

/**
 * Makes a run's folder with its `run.json`, or checks that the run in it is the one to be resumed.
 * @returns the run's spec as it was begun
 * @throws RegnetError when there is a run and none is to be resumed, or the other way round
 */
export function prepareRun(folder: string, spec: RunSpec, resume: boolean | "auto"): RunSpec {
  const layout = new RunLayout(folder);
  if (isRun(folder)) {
    if (!resume) {
      throw new RegnetError(
        `${folder} holds a run already; go on with it by --resume, or give another folder (-o)`,
        "invalid",
        folder,
      );
    }
    const started = readRunSpec(folder);
    assertSameRun(started, spec);
    return started;
  }
  if (resume === true) throw missing(`run in ${folder}`, "there is nothing to resume");
  try {
    mkdirSync(layout.checkpoints, { recursive: true });
  } catch (error) {
    throw explainWriting(error, folder);
  }
  writeRunSpec(folder, spec);
  return spec;
}
