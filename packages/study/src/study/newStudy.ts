import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { makeFolder } from "@regnet/train/files";
import { Coordinator } from "./coordinator.js";
import { StudyLayout } from "./layout.js";
import { type Sampler, sampleStudy } from "./sample.js";
import { parseStudySpec, type StudySpecInput } from "./spec.js";
import { createStudy, hasStarted, type Study } from "./study.js";

/**
 * Makes a study's folder and samples its population. Until the study has started, a document replaces the one before;
 * from then on only its number of trials may differ, and a larger one adds trials.
 *
 * @param onNote told what people should know while it waits
 * @throws RegnetError where the folder holds a started study, where another process runs it, or where its space does
 * not yield enough networks
 */
export async function newStudy(
  folder: string,
  document: Omit<StudySpecInput, "version">,
  sampler: Sampler,
  onNote: (note: string) => void = () => undefined,
): Promise<Study> {
  const spec = parseStudySpec({ version: 1, ...document });
  const place = { folder: resolve(folder), layout: new StudyLayout(resolve(folder)) };
  makeFolder(place.folder);
  const coordinator = await Coordinator.become(place, onNote);
  try {
    const study = createStudy(folder, spec);
    return (await sampleStudy(shrunken(study), sampler, atLeast(study))).study;
  } finally {
    await coordinator.end();
  }
}

/** A study that has not started may lose trials: it is sampled anew. */
function shrunken(study: Study): Study {
  const { sampled, spec, layout } = study;
  if (!sampled || sampled.trials <= spec.trials || hasStarted(study)) return study;
  rmSync(layout.sampled, { force: true });
  return { ...study, sampled: undefined };
}

/** One that has started keeps what `run --trials` added. */
function atLeast(study: Study): number {
  const { spec, sampled } = study;
  return hasStarted(study) ? Math.max(spec.trials, sampled?.trials ?? 0) : spec.trials;
}
