import { missing } from "@regnet/core";
import type { DataSet, OpenOptions } from "../data/dataSet.js";
import { openDataSet } from "../data/open.js";
import { readRunSpec } from "./spec.js";

/**
 * Opens the images that a run was trained on, as it saw them.
 * @throws RegnetError when the run does not say which they were, or they are gone
 */
export async function openRunData(
  folder: string,
  options: Pick<OpenOptions, "signal" | "onProgress" | "cacheDirectory"> = {},
): Promise<DataSet> {
  const { data, channels } = readRunSpec(folder);
  if (data.source === undefined) throw missing(`data set of the run in ${folder}`, "say which with --data");
  return openDataSet(data.source, {
    ...options,
    holdOut: data.holdOut,
    resolution: data.resolution,
    channels: channels === 1 ? 1 : 3,
  });
}

/** In words, where the images that a run's data set holds now are not those that the run was trained on. */
export function changedData(folder: string, dataSet: DataSet): string | undefined {
  const { data } = readRunSpec(folder);
  if (data.fingerprint === dataSet.fingerprint) return undefined;
  const changed = `${dataSet.name} is not as it was in the training`;
  if (!dataSet.handle.split) return `${changed}: its figures are of other images`;
  return `${changed}, so it is divided anew and val may hold training images; evaluate on images of their own (--data, --split all)`;
}
