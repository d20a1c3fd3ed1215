import { createHash } from "node:crypto";
import { RegnetError } from "@regnet/core";
import type { ChannelStatistics, DataSet, DataSetHandle, SkippedFile, Split, SplitName } from "./dataSet.js";
import type { Image } from "./image.js";
import { Pack } from "./pack/reader.js";
import { divide, keptPositions } from "./split.js";
import { channelStatistics } from "./statistics.js";

/**
 * Opens what a handle describes, in any thread or process of this machine.
 * @throws RegnetError when the pack is gone or damaged
 */
export function openHandle(handle: DataSetHandle): DataSet {
  return new PackedDataSet(openPack(handle.pack), handle);
}

/**
 * The same images with some held out as `test`, which no choice is made on. A source's own test images are; choices are
 * then made on its val images, or on a tenth of the training images (at most 5000). Of a source that has no test images
 * half of the val images are held out. Where that would leave fewer than twenty to choose on, `test` stays empty.
 */
export function heldOut({ handle }: DataSet): DataSet {
  return openHandle({ ...handle, holdOut: true });
}

/** Path and content of the packed files that are held in shared memory because the system cannot map them. */
export function sharedMemoryOf({ pack }: DataSetHandle): readonly (readonly [string, SharedArrayBuffer])[] {
  return openPack(pack).sharedMemory();
}

function openPack(directory: string): Pack {
  try {
    return Pack.open(directory);
  } catch (error) {
    if (error instanceof RegnetError) throw error;
    throw new RegnetError(
      `missing image cache "${directory}": open the data set again to make it anew`,
      "missing",
      directory,
    );
  }
}

class PackedSplit implements Split {
  readonly labels: Int32Array;
  readonly classCounts: readonly number[];

  constructor(
    readonly name: SplitName,
    private readonly pack: Pack,
    private readonly positions: Int32Array,
  ) {
    this.labels = positions.map((position) => pack.columns.label[position]);
    const counts = new Array<number>(pack.index.classes.length).fill(0);
    for (const label of this.labels) counts[label]++;
    this.classCounts = counts;
  }

  get count(): number {
    return this.positions.length;
  }

  image(index: number): Image {
    return this.pack.image(this.position(index));
  }

  position(index: number): number {
    const position = this.positions[index];
    if (position === undefined) {
      throw new RegnetError(
        `invalid image index: got ${index}, expected 0 to ${this.count - 1} of ${this.name}`,
        "invalid",
      );
    }
    return position;
  }
}

class PackedDataSet implements DataSet {
  readonly splits: Readonly<Record<SplitName, Split>>;
  readonly notes: readonly string[];
  readonly fingerprint: string;
  private readonly positions: Readonly<Record<SplitName, Int32Array>>;
  private readonly allTrain: Int32Array;
  private computed: ChannelStatistics | undefined;
  private storedSizes: DataSet["originalSizes"] | undefined;
  private sourceSizes: DataSet["originalSizes"] | undefined;

  constructor(
    private readonly pack: Pack,
    readonly handle: DataSetHandle,
  ) {
    const all = divide(pack, handle.split, handle.holdOut);
    this.allTrain = all.train;
    this.positions = keptPositions(all, handle.subset);
    this.splits = {
      train: new PackedSplit("train", pack, this.positions.train),
      val: new PackedSplit("val", pack, this.positions.val),
      test: new PackedSplit("test", pack, this.positions.test),
    };
    this.notes = [...pack.index.notes, ...classNotes(this)];
    this.fingerprint = fingerprint(pack.index.key, handle);
  }

  get name(): string {
    return this.handle.name ?? this.pack.index.name;
  }

  get classes(): readonly string[] {
    return this.pack.index.classes;
  }

  get channels(): 1 | 3 {
    return this.pack.index.channels;
  }

  get skipped(): readonly SkippedFile[] {
    return this.pack.index.skipped;
  }

  get sizes(): DataSet["sizes"] {
    const { height, width } = this.pack.columns;
    this.storedSizes ??= byArea(height, width);
    const { smallest, largest } = this.storedSizes;
    return { smallest, largest };
  }

  get originalSizes(): DataSet["originalSizes"] {
    const { originalHeight, originalWidth } = this.pack.columns;
    this.sourceSizes ??= byArea(originalHeight, originalWidth);
    return this.sourceSizes;
  }

  get statistics(): ChannelStatistics {
    this.computed ??= channelStatistics(this.pack, this.allTrain, this.handle);
    return this.computed;
  }

  async names(split: SplitName): Promise<readonly string[]> {
    const names = await this.pack.names();
    return Array.from(this.positions[split], (position) => names[position]);
  }
}

function fingerprint(key: string, { split, holdOut, subset }: DataSetHandle): string {
  const kept: unknown[] = subset ? [subset.train, subset.val, subset.seed ?? 0] : [];
  if (holdOut) kept.push("held out");
  return createHash("sha256")
    .update(JSON.stringify([key, split?.fraction, split?.seed, ...kept]))
    .digest("hex")
    .slice(0, 16);
}

/** The smallest, the median and the largest area. */
function byArea(heights: Uint16Array, widths: Uint16Array): DataSet["originalSizes"] {
  const areas = new Float64Array(heights.length);
  for (let i = 0; i < areas.length; i++) areas[i] = heights[i] * widths[i];
  const sorted = areas.toSorted();
  const size = (area: number) => {
    const i = areas.indexOf(area);
    return { height: heights[i] ?? 0, width: widths[i] ?? 0 };
  };
  const last = sorted.length - 1;
  return { smallest: size(sorted[0]), median: size(sorted[last >> 1]), largest: size(sorted[last]) };
}

function classNotes({ classes, splits }: DataSet): string[] {
  const notes: string[] = [];
  if (classes.length === 1) notes.push(`one class only ("${classes[0]}"): there is nothing to tell apart`);
  for (const [label, name] of classes.entries()) {
    if (splits.train.classCounts[label] === 0) notes.push(`class "${name}" has no training image`);
    else if (splits.val.count > 0 && splits.val.classCounts[label] === 0)
      notes.push(`class "${name}" has no val image`);
  }
  return notes;
}

/**
 * @throws RegnetError when a classifier cannot be trained on the data set: fewer than two classes, or a split that is
 * empty. The message says what to do.
 */
export function assertTrainable(dataSet: DataSet): void {
  const { classes, splits, name } = dataSet;
  if (classes.length < 2) {
    throw new RegnetError(
      `invalid data set "${name}": one class only ("${classes[0]}"), expected two or more; add a folder with images of something else`,
      "invalid",
    );
  }
  if (splits.train.count === 0) throw new RegnetError(`invalid data set "${name}": no training images`, "invalid");
  if (splits.val.count === 0) {
    throw new RegnetError(
      `invalid data set "${name}": no val images; add a val/ folder, or hold out a share of the training images`,
      "invalid",
    );
  }
}
