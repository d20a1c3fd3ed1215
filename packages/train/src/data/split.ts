import type { SplitName, SplitRule, SubsetRule } from "./dataSet.js";
import type { Pack } from "./pack/reader.js";
import { Random } from "./random.js";

const SPLIT = 0x53504c54;
const SUBSET = 0x53554253;

/** Positions of images by split, each in the pack's order. */
export type Positions = Readonly<Record<SplitName, Int32Array>>;

/** Share of every class's training images that choices are made on where the source has test images alone; and most images. */
const JUDGED = { share: 0.1, most: 5000 };
/** Fewest images to choose on that are left when as many are held out. */
const LEAST_JUDGED = 20;

/**
 * Positions of the images of each split. Where a source has test images alone, trainings are judged by those: unless
 * images are held out.
 */
export function divide(pack: Pack, rule: SplitRule | undefined, holdOut = false): Positions {
  const codes = rule ? drawn(pack, everyPosition(pack), rule) : pack.columns.split;
  const [train, val, test] = [0, 1, 2].map((code) => positionsOf(codes, code));
  if (holdOut) return held(pack, { train, val, test });
  return val.length === 0 ? { train, val: test, test: val } : { train, val, test };
}

/**
 * Choices on some images, the report on others: test images stay what they are, and a tenth of the training images (at
 * most 5000) is chosen on where there are no others; of val images alone every class's first half is held out. Too few
 * images stay undivided.
 */
function held(pack: Pack, { train, val, test }: Positions): Positions {
  if (test.length > 0 && val.length > 0) return { train, val, test };
  if (test.length > 0) {
    const fraction = Math.min(JUDGED.share, JUDGED.most / Math.max(1, train.length));
    const codes = drawn(pack, train, { fraction, seed: 0 });
    return { train: train.filter((at) => codes[at] === 0), val: train.filter((at) => codes[at] === 1), test };
  }
  const codes = drawn(pack, val, { fraction: 0.5, seed: 0 });
  const kept = val.filter((at) => codes[at] === 0);
  if (kept.length < Math.max(LEAST_JUDGED, 2 * pack.index.classes.length)) return { train, val, test };
  return { train, val: kept, test: val.filter((at) => codes[at] === 1) };
}

function everyPosition(pack: Pack): Int32Array {
  return Int32Array.from({ length: pack.count }, (_, i) => i);
}

function positionsOf(codes: Uint8Array, wanted: number): Int32Array {
  const positions = new Int32Array(codes.length);
  let count = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] === wanted) positions[count++] = i;
  return positions.slice(0, count);
}

/** The positions that a subset keeps, ascending. */
export function keptPositions(positions: Positions, rule: SubsetRule | undefined): Positions {
  if (!rule) return positions;
  const { train, val, test } = positions;
  return { train: keep("train", train, rule), val: keep("val", val, rule), test };
}

function keep(split: "train" | "val", positions: Int32Array, { [split]: count, seed = 0 }: SubsetRule): Int32Array {
  if (count === undefined || count >= positions.length) return positions;
  const order = new Random(SUBSET, seed, split === "train" ? 0 : 1).shuffle(Int32Array.from(positions));
  return order.slice(0, count).sort();
}

/**
 * A mark for each image of the pack: 1 for the same share of every class among some positions, drawn by the seed; a class
 * of two or more images keeps one on either side.
 */
function drawn(pack: Pack, positions: Int32Array, { fraction, seed }: SplitRule): Uint8Array {
  const marks = new Uint8Array(pack.count);
  for (const [label, members] of byClass(pack, positions).entries()) {
    const wanted = Math.round(members.length * fraction);
    const least = fraction > 0 && members.length > 1 ? 1 : 0;
    const count = Math.max(least, Math.min(wanted, members.length - 1));
    const order = new Random(SPLIT, seed, label).shuffle(Int32Array.from(members));
    for (const position of order.subarray(0, count)) marks[position] = 1;
  }
  return marks;
}

function byClass(pack: Pack, positions: Int32Array): number[][] {
  const members: number[][] = pack.index.classes.map(() => []);
  for (const i of positions) members[pack.columns.label[i]].push(i);
  return members;
}
