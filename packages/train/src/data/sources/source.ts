import type { BuildProgress, OpenOptions, SkippedFile, SplitName } from "../dataSet.js";
import type { DecodeOptions } from "../decode.js";
import type { Image } from "../image.js";

/** One image of a source, not yet decoded. */
export interface SourceItem {
  /** Path within the source, with `/` between folders; or a number, where images have no names. */
  readonly name: string;
  readonly className: string;
  /** Undefined where the source does not say. */
  readonly split: SplitName | undefined;
  /** @throws Error with a reason for people when the image cannot be read */
  load(options: DecodeOptions): Promise<Image>;
}

/** What the images of a source come from. */
export interface Contents {
  /** The same wherever the files are. */
  readonly digest: string;
  /** Whether all of it could be read. */
  readonly whole: boolean;
}

/** Where images come from, listed but not yet read. */
export interface Source {
  /** Short name for people. */
  readonly name: string;
  /** Where it is: for messages. */
  readonly location: string;
  /** Found quickly: the places, sizes and times of the files. Changes whenever the images may have changed. */
  readonly signature: string;
  /** What images become unless told otherwise. */
  readonly channels: 1 | 3;
  /** Classes in the source's own order, known once `items` is used up. Undefined: the folders' names, sorted naturally. */
  readonly classes?: readonly string[];
  /** Images, where known beforehand. */
  readonly total?: number;
  readonly skipped: readonly SkippedFile[];
  readonly notes: readonly string[];
  /** Class folders that exist, with or without images. */
  readonly folders?: readonly string[];
  /** Reads all that the images come from. @throws RegnetError when what cannot be left out cannot be read */
  contents(options: Pick<OpenOptions, "onProgress" | "signal">): Promise<Contents>;
  /** The images, always in the same order. Throws RegnetError when the source as a whole turns out to be corrupt. */
  items(): AsyncIterable<SourceItem> | Iterable<SourceItem>;
}

export type SourceProgress = (progress: BuildProgress) => void;
