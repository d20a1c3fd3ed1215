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
  return openDataSet(data.source, { ...options, resolution: data.resolution, channels: channels === 1 ? 1 : 3 });
}
