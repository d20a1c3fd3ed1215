import { RegnetError } from "@regnet/core";
import { type DataSet, type DataSetHandle, openHandle, subsetOf } from "@regnet/train";
import * as z from "zod";
import type { StudyLayout } from "./layout.js";
import type { StudySpec } from "./spec.js";
import { readJson, writeAtomically } from "./storage.js";
import { type Study, trialFolders } from "./study.js";

/** `images.json`: equal fingerprints give equal batches. */
const imagesSchema = z.strictObject({ fingerprint: z.string() });

/**
 * Finds a study's images, decoding them where the cache does not have them: to be done once for all processes that train
 * on them, since every image's file is looked at.
 *
 * @throws RegnetError where there are no images, or others than the study was sampled for or its first trials saw
 */
export async function findImages(study: Study): Promise<DataSetHandle> {
  const { spec } = study;
  const { openDataSet } = await import("@regnet/train");
  const found = expectImages(
    spec,
    await openDataSet(spec.data, { resolution: spec.resolution, holdOut: spec.holdOut }),
  );
  expectUnchanged(study, found.fingerprint);
  return found.handle;
}

/**
 * The images that the trials of a study use.
 *
 * @param found by `findImages`, on this machine or on another; looked for here where this machine does not see them
 * @throws as `findImages`
 */
export async function openImages(study: Study, found?: DataSetHandle): Promise<DataSet> {
  const { spec } = study;
  const all = (found && openHere(found)) ?? openHandle(await findImages(study));
  return spec.subset ? subsetOf(all, { ...spec.subset, seed: spec.seed }) : all;
}

function openHere(handle: DataSetHandle): DataSet | undefined {
  try {
    return openHandle(handle);
  } catch (error) {
    if (error instanceof RegnetError) return undefined;
    throw error;
  }
}

/** Which images they are is remembered until one of them has been trained on, and from then on they must stay these. */
function expectUnchanged({ spec: { data }, layout }: Study, fingerprint: string): void {
  const { images } = layout;
  const before = imagesSchema.safeParse(readJson(images)).data?.fingerprint;
  if (before === fingerprint) return;
  if (before !== undefined && hasTrained(layout)) {
    const text = `the images of ${data} have changed since the study began, as ${images} shows`;
    throw new RegnetError(
      `${text}: bring them back, or make a new study for those that are there now`,
      "invalid",
      "data",
    );
  }
  writeAtomically(images, `${JSON.stringify({ fingerprint })}\n`);
}

/** What a training leaves in its trial's folder: the first before its first step, the last when it is over. */
const TRACES: ReadonlySet<string> = new Set(["run.json", "metrics.jsonl", "result.json"]);

function hasTrained(layout: StudyLayout): boolean {
  return trialFolders(layout).some((files) => files.some((name) => TRACES.has(name)));
}

function expectImages({ data, classes, channels }: StudySpec, found: DataSet): DataSet {
  if (found.classes.length === classes && found.channels === channels) return found;
  const got = `${found.classes.length} classes in ${found.channels} channels`;
  const text = `invalid data: ${data} has ${got}, but the study was sampled for ${classes} in ${channels}`;
  throw new RegnetError(`${text}; make a new study for these images`, "invalid", "data");
}
