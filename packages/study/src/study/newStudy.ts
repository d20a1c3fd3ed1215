import { Coordinator } from "./coordinator.js";
import { type Sampler, sampleStudy } from "./sample.js";
import type { StudySpecInput } from "./spec.js";
import { createStudy, type Study } from "./study.js";

/**
 * Makes a study's folder and samples its population.
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
  const study = createStudy(folder, document);
  const coordinator = await Coordinator.become(study, onNote);
  try {
    return (await sampleStudy(study, sampler)).study;
  } finally {
    await coordinator.end();
  }
}
