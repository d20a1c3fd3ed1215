import type { SplitName, SplitRule, SubsetRule } from "./dataSet.js";
import type { Pack } from "./pack/reader.js";
import { Random } from "./random.js";

const SPLIT = 0x53504c54;
const SUBSET = 0x53554253;

/** Positions of the images of each split, each in the pack's order. */
export function divide(pack: Pack, rule: SplitRule | undefined): Readonly<Record<SplitName, Int32Array>> {
  const inVal = rule ? drawVal(pack, rule) : pack.columns.split;
  return { train: positionsOf(inVal, 0), val: positionsOf(inVal, 1) };
}

function positionsOf(inVal: Uint8Array, wanted: 0 | 1): Int32Array {
  const positions = new Int32Array(inVal.length);
  let count = 0;
  for (let i = 0; i < inVal.length; i++) if (inVal[i] === wanted) positions[count++] = i;
  return positions.slice(0, count);
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

/** The same share of every class, drawn by the seed; a class of two or more images keeps one on either side. */
function drawVal(pack: Pack, { fraction, seed }: SplitRule): Uint8Array {
  const inVal = new Uint8Array(pack.count);
  for (const [label, members] of byClass(pack).entries()) {
    const wanted = Math.round(members.length * fraction);
    const least = fraction > 0 && members.length > 1 ? 1 : 0;
    const count = Math.max(least, Math.min(wanted, members.length - 1));
    const order = new Random(SPLIT, seed, label).shuffle(Int32Array.from(members));
    for (const position of order.subarray(0, count)) inVal[position] = 1;
  }
  return inVal;
}

function byClass(pack: Pack): number[][] {
  const members: number[][] = pack.index.classes.map(() => []);
  for (let i = 0; i < pack.count; i++) members[pack.columns.label[i]].push(i);
  return members;
}
