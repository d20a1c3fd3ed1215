import { invalid } from "@regnet/core";
import type { DataSet, SplitName, SubsetRule } from "./dataSet.js";
import { openHandle } from "./packedDataSet.js";
import { Random } from "./random.js";

const SUBSET = 0x53554253;

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

/** The positions that a subset keeps, ascending. */
export function keptPositions(
  positions: Readonly<Record<SplitName, Int32Array>>,
  rule: SubsetRule | undefined,
): Readonly<Record<SplitName, Int32Array>> {
  return rule ? { train: keep("train", positions.train, rule), val: keep("val", positions.val, rule) } : positions;
}

function keep(split: SplitName, positions: Int32Array, { [split]: count, seed = 0 }: SubsetRule): Int32Array {
  if (count === undefined || count >= positions.length) return positions;
  const order = new Random(SUBSET, seed, split === "train" ? 0 : 1).shuffle(Int32Array.from(positions));
  return order.slice(0, count).sort();
}
