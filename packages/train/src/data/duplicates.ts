import { createHash } from "node:crypto";
import type { DataSet, SplitName } from "./dataSet.js";
import type { Image } from "./image.js";
import { thumbnail } from "./thumbnail.js";

/** Where an image is. */
export interface Place {
  readonly split: SplitName;
  readonly index: number;
}

/** Images that show the same. */
export interface DuplicateGroup {
  /** `same`: equal pixels. `alike`: the same picture, stored or scaled another way. */
  readonly kind: "same" | "alike";
  readonly places: readonly Place[];
  /** Whether some are in train and some in val: accuracy on them says nothing. */
  readonly acrossSplits: boolean;
  /** Whether they are in different classes. */
  readonly acrossClasses: boolean;
}

/** Side of the thumbnails that are compared. */
const SIDE = 16;
/** Largest mean difference, in levels of 255, of thumbnails that count as alike. */
const ALIKE = 2.5;
/** A thumbnail with less contrast than this says too little to be compared. */
const LEAST_CONTRAST = 8;
/** Images under one signature that are compared with each other. */
const MAX_BUCKET = 1000;

/**
 * Finds images that occur more than once. Equal pixels are found exactly; pictures that were compressed or scaled anew
 * are found by thumbnails whose brightness rises and falls alike and differs by little.
 */
export function findDuplicates(dataSet: DataSet): DuplicateGroup[] {
  const places = [...placesOf(dataSet, "train"), ...placesOf(dataSet, "val")];
  const groups = groupBy(places, (place) => pixelHash(imageAt(dataSet, place)));
  const same = groups.filter((group) => group.length > 1).map((group) => describe(dataSet, "same", group));
  const alike = alikeGroups(
    dataSet,
    groups.map(([first]) => first),
  );
  return [...same, ...alike.map((group) => describe(dataSet, "alike", group))];
}

function* placesOf({ splits }: DataSet, split: SplitName): Generator<Place> {
  for (let index = 0; index < splits[split].count; index++) yield { split, index };
}

function imageAt({ splits }: DataSet, { split, index }: Place): Image {
  return splits[split].image(index);
}

function pixelHash({ data, height, width }: Image): string {
  return `${createHash("sha1").update(data).digest("base64")}${height}x${width}`;
}

function alikeGroups(dataSet: DataSet, places: readonly Place[]): Place[][] {
  const thumbnails = new Map(places.map((place) => [place, thumbnail(imageAt(dataSet, place), SIDE)]));
  const distinct = places.filter((place) => contrastOf(thumbnails.get(place)!) >= LEAST_CONTRAST);
  const buckets = groupBy(distinct, (place) => signature(thumbnails.get(place)!));
  return buckets.flatMap((bucket) => linked(bucket.slice(0, MAX_BUCKET), thumbnails));
}

/** Groups within which every place is alike to its group's first. */
function linked(bucket: readonly Place[], thumbnails: ReadonlyMap<Place, Uint8Array>): Place[][] {
  const groups: Place[][] = [];
  for (const place of bucket) {
    const group = groups.find(([first]) => distance(thumbnails.get(first)!, thumbnails.get(place)!) <= ALIKE);
    if (group) group.push(place);
    else groups.push([place]);
  }
  return groups.filter((group) => group.length > 1);
}

/** Which of neighbouring cells of a coarse grid is brighter: 4 × 3 bits across and as many down. */
function signature(cells: Uint8Array): string {
  const coarse = thumbnail({ data: cells, channels: 1, height: SIDE, width: SIDE }, 4);
  let bits = "";
  for (let i = 0; i < 16; i++) {
    if (i % 4 < 3) bits += coarse[i] < coarse[i + 1] ? "1" : "0";
    if (i < 12) bits += coarse[i] < coarse[i + 4] ? "1" : "0";
  }
  return bits;
}

function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

function contrastOf(cells: Uint8Array): number {
  const mean = cells.reduce((sum, value) => sum + value, 0) / cells.length;
  return Math.sqrt(cells.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cells.length);
}

function describe({ splits }: DataSet, kind: DuplicateGroup["kind"], places: readonly Place[]): DuplicateGroup {
  return {
    kind,
    places,
    acrossSplits: new Set(places.map(({ split }) => split)).size > 1,
    acrossClasses: new Set(places.map(({ split, index }) => splits[split].labels[index])).size > 1,
  };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()];
}
