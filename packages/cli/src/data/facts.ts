import type { DataSet, DuplicateGroup, Place } from "@regnet/train";

/** Images that occur more than once, by their names. */
export interface NamedDuplicates extends Omit<DuplicateGroup, "places"> {
  /** As `train:path`. */
  readonly images: readonly string[];
}

/** What `data show` prints and writes as JSON. */
export interface DataFacts {
  readonly name: string;
  readonly channels: number;
  readonly train: number;
  readonly val: number;
  readonly test: number;
  /** How val was divided off; absent where the source says itself. */
  readonly split?: { readonly fraction: number; readonly seed: number };
  readonly classes: readonly {
    readonly name: string;
    readonly train: number;
    readonly val: number;
    readonly test: number;
  }[];
  readonly sizes: DataSet["originalSizes"];
  readonly stored: DataSet["sizes"];
  readonly statistics: DataSet["statistics"];
  readonly duplicates: readonly NamedDuplicates[];
  readonly skipped: DataSet["skipped"];
  readonly notes: readonly string[];
  readonly fingerprint: string;
  readonly cache: string;
}

/** Gathers the facts; duplicates across the splits come first. */
export async function dataFacts(dataSet: DataSet): Promise<DataFacts> {
  const { name, channels, splits, classes, handle } = dataSet;
  return {
    name,
    channels,
    train: splits.train.count,
    val: splits.val.count,
    test: splits.test.count,
    split: handle.split,
    classes: classes.map((className, label) => ({
      name: className,
      train: splits.train.classCounts[label],
      val: splits.val.classCounts[label],
      test: splits.test.classCounts[label],
    })),
    sizes: dataSet.originalSizes,
    stored: dataSet.sizes,
    statistics: dataSet.statistics,
    duplicates: await namedDuplicates(dataSet),
    skipped: dataSet.skipped,
    notes: dataSet.notes,
    fingerprint: dataSet.fingerprint,
    cache: handle.pack,
  };
}

async function namedDuplicates(dataSet: DataSet): Promise<NamedDuplicates[]> {
  const { findDuplicates } = await import("@regnet/train");
  const [train, val, test] = await Promise.all(
    (["train", "val", "test"] as const).map((split) => dataSet.names(split)),
  );
  const names = { train, val, test };
  const nameOf = ({ split, index }: Place) => `${split}:${names[split][index]}`;
  return findDuplicates(dataSet)
    .map(({ places, ...rest }) => ({ ...rest, images: places.map(nameOf) }))
    .sort((a, b) => Number(b.acrossSplits) - Number(a.acrossSplits));
}
