import type { Image } from "./image.js";

/** `val` is what choices are made on; `test` is looked at once, when nothing is chosen any more. It may hold no image. */
export type SplitName = "train" | "val" | "test";

/** Images of one split, in a fixed order. */
export interface Split {
  readonly name: SplitName;
  readonly count: number;
  /** Class of every image: an index into the data set's `classes`. */
  readonly labels: Int32Array;
  /** Images of every class, in the order of `classes`. */
  readonly classCounts: readonly number[];
  /** The stored image: a view of shared, read-only memory. @throws RegnetError when there is no such image */
  image(index: number): Image;
  /** Position of an image in the packed data set, the same whatever the split. */
  position(index: number): number;
}

/** A file that could not be used, with the reason in words. */
export interface SkippedFile {
  /** Path within the data set, with `/` between folders. */
  readonly path: string;
  readonly reason: string;
}

/** Per-channel mean and standard deviation of the training images, of values scaled to 0…1. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** How images without a `val` folder are divided. */
export interface SplitRule {
  /** Share of every class that becomes `val`, in [0, 1). */
  readonly fraction: number;
  readonly seed: number;
}

/** How many images of a split are kept, of those the seed draws. */
export interface SubsetRule {
  /** Default: all. */
  readonly train?: number;
  /** Default: all. */
  readonly val?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * All that another thread or process needs to open the same images: plain data, for `postMessage` and JSON.
 * It stays good for as long as the cache folder is not deleted.
 */
export interface DataSetHandle {
  /** Folder of the packed images. */
  readonly pack: string;
  /** Name of the data set for people. Default: the one it was packed under. */
  readonly name?: string;
  /** Absent where the source itself says what is `train` and what is `val`. */
  readonly split?: SplitRule;
  /** Whether images are held out as `test`. */
  readonly holdOut?: boolean;
  /** Absent where all images are there. */
  readonly subset?: SubsetRule;
}

/** Images with classes, decoded once and shared between threads and processes without copies. */
export interface DataSet {
  /** Short name for people: the folder's, or the name it was opened by. */
  readonly name: string;
  /** Sorted naturally (`2` before `10`), or in the order the source's own list gives. */
  readonly classes: readonly string[];
  readonly channels: 1 | 3;
  readonly splits: Readonly<Record<SplitName, Split>>;
  readonly statistics: ChannelStatistics;
  /** Smallest and largest stored image. Equal where all images have one size. */
  readonly sizes: { readonly smallest: ImageSize; readonly largest: ImageSize };
  /** The same before they were reduced for the store, with the image of median area. */
  readonly originalSizes: { readonly smallest: ImageSize; readonly median: ImageSize; readonly largest: ImageSize };
  /** Files that could not be used. */
  readonly skipped: readonly SkippedFile[];
  /** Oddities a person should know: empty classes, files that are no images, classes without training images. */
  readonly notes: readonly string[];
  /** Identifies the images and their division: equal fingerprints give equal batches. */
  readonly fingerprint: string;
  readonly handle: DataSetHandle;
  /** Path within the source of every image of a split. */
  names(split: SplitName): Promise<readonly string[]>;
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

export interface OpenOptions {
  /** Side the network will see, in pixels; images are stored with a margin of an eighth beyond it. Default 224. */
  readonly resolution?: number;
  /** Shorter side of the stored images, in place of the one derived from `resolution`. Images are never enlarged. */
  readonly cacheResolution?: number;
  /** 3: everything becomes RGB; 1: everything becomes grey. Default 3, or what the format has (IDX: 1). */
  readonly channels?: 1 | 3;
  /**
   * `shorter` (default): the aspect ratio is kept, up to 2:1, beyond which the middle is kept;
   * `stretch`: every image becomes a square.
   */
  readonly fit?: "shorter" | "stretch";
  /** Share of each class held out where there is no `val` folder. Default 0.2. */
  readonly valFraction?: number;
  /** Whether images are held out as `test`, see `heldOut`. Default false. */
  readonly holdOut?: boolean;
  /** Seed of that division (and of the drawing of `shapes`). Default 0. */
  readonly seed?: number;
  /** Default: `$REGNET_CACHE`, else `$XDG_CACHE_HOME/regnet`, else `~/.cache/regnet`. */
  readonly cacheDirectory?: string;
  /** Called while images are decoded; never called when they are in the cache. */
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

export interface BuildProgress {
  /** `check`: new or touched files are read to see whether their content is in the cache already. */
  readonly phase: "list" | "check" | "wait" | "download" | "decode";
  /** Images (bytes while downloading) so far. */
  readonly done: number;
  /** Undefined where it cannot be known, as in a compressed archive. */
  readonly total?: number;
}
