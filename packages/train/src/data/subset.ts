import { invalid } from "@regnet/core";
import type { DataSet, SubsetRule } from "./dataSet.js";
import { openHandle } from "./packedDataSet.js";

/**
 * The same data set with fewer images in a split: drawn by the seed, and the smaller subset of one seed lies within the
 * larger. Channel statistics stay those of all training images.
 * @throws RegnetError for a count that is not a positive whole number
 */
export function subsetOf({ handle }: DataSet, rule: SubsetRule): DataSet {
  for (const split of ["train", "val"] as const) {
    const count = rule[split];
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      throw invalid(`subset.${split}`, count, "a positive number of images");
  }
  return openHandle({ ...handle, subset: rule });
}
