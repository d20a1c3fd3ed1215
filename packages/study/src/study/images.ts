import { RegnetError } from "@regnet/core";
import { type DataSet, type DataSetHandle, openHandle, subsetOf } from "@regnet/train";
import type { StudySpec } from "./spec.js";

/**
 * Finds a study's images, decoding them where the cache does not have them: to be done once for all processes that train
 * on them, since every image's file is looked at.
 *
 * @throws RegnetError where there are no images, or others than the study was sampled for
 */
export async function findImages(spec: StudySpec): Promise<DataSetHandle> {
  const { openDataSet } = await import("@regnet/train");
  const { handle } = expectImages(spec, await openDataSet(spec.data, { resolution: spec.resolution }));
  return handle;
}

/**
 * The images that the trials of a study use.
 *
 * @param found by `findImages`, on this machine or on another; looked for here where this machine does not see them
 * @throws as `findImages`
 */
export async function openImages(spec: StudySpec, found?: DataSetHandle): Promise<DataSet> {
  const all = (found && openHere(found)) ?? openHandle(await findImages(spec));
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

function expectImages({ data, classes, channels }: StudySpec, found: DataSet): DataSet {
  if (found.classes.length === classes && found.channels === channels) return found;
  const got = `${found.classes.length} classes in ${found.channels} channels`;
  const text = `invalid data: ${data} has ${got}, but the study was sampled for ${classes} in ${channels}`;
  throw new RegnetError(`${text}; make a new study for these images`, "invalid", "data");
}
