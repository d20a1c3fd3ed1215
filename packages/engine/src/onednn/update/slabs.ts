import { aligned } from "../memory/lifetimes.js";
import type { Plan } from "../plan/plan.js";
import { Block, Tensor } from "../plan/tensor.js";

/** One update of state: its operands, all in one layout, so that they match element by element. */
export interface Update<T> {
  readonly item: T;
  readonly operands: readonly Tensor[];
}

/** Operands of several updates that lie one after the other, each operand seen as one long vector. */
export interface Run<T> {
  readonly items: readonly T[];
  readonly operands: readonly Tensor[];
  /** Elements of each item, gaps included. */
  readonly lengths: readonly number[];
}

let slabs = 0;
const numbers = new WeakMap<Block, number>();

/** Bytes from which a vector is worth kernels of its own. */
export const LONG = 2 ** 17;

/**
 * Lays the short operands of many updates end to end, so that a few kernels over long vectors do the work of many over
 * short ones, and groups the updates into runs. Long ones stay apart: their gradients then need memory only from where
 * they are made on, which by then activations have left.
 */
export function runsOf<T>(plan: Plan, updates: readonly Update<T>[]): Run<T>[] {
  const isLong = ({ operands: [first] }: Update<T>) => first.layout.bytes >= LONG;
  const short = updates.filter((update) => !isLong(update));
  const long = updates.filter(isLong).map((update) => run(plan, [update]));
  return short.length > 0 ? [...shortRunsOf(plan, short), ...long] : long;
}

function shortRunsOf<T>(plan: Plan, updates: readonly Update<T>[]): Run<T>[] {
  const ordered = inOrder(updates);
  const extents = ordered.map(extentOf);
  const columns = ordered[0].operands.length;
  for (let column = 0; column < columns; column++) {
    const tensors = ordered.map(({ operands }) => operands[column]);
    gather(tensors, extents);
  }
  const groups: Update<T>[][] = [];
  for (const update of ordered) {
    const last = groups.at(-1);
    if (last && follows(last.at(-1)!, update)) last.push(update);
    else groups.push([update]);
  }
  return groups.map((group) => run(plan, group));
}

/** Sorts updates by where their operands lie already. */
function inOrder<T>(updates: readonly Update<T>[]): readonly Update<T>[] {
  const column = updates[0].operands.findIndex((_, i) => updates.every(({ operands }) => operands[i].block.slab));
  if (column < 0) return updates;
  const place = ({ operands }: Update<T>) => operands[column].block.slab!;
  return updates.toSorted((a, b) => {
    const [p, q] = [place(a), place(b)];
    return p.block === q.block ? p.offset - q.offset : numbers.get(p.block)! - numbers.get(q.block)!;
  });
}

/** Bytes that an update takes of each slab, so that its operands lie equally far from their slabs' starts. */
function extentOf({ operands }: Update<unknown>): number {
  const placed = operands.find(({ block }) => block.slab);
  return placed ? placed.block.slab!.extent : Math.max(...operands.map(({ block }) => aligned(block.bytes)));
}

/** Puts blocks that are free to be placed into one slab, in their order. */
function gather(tensors: readonly Tensor[], extents: readonly number[]): void {
  const free = ({ block, offset }: Tensor, i: number) =>
    !block.array && !block.slab && !block.constant && offset === 0 && block.bytes <= extents[i];
  const blocks = tensors.map(({ block }) => block);
  if (blocks.length < 2 || !tensors.every(free) || new Set(blocks).size < blocks.length) return;
  const slab = new Block(extents.reduce((sum, extent) => sum + extent, 0));
  slab.permanent = true;
  numbers.set(slab, slabs++);
  let offset = 0;
  for (const [i, block] of blocks.entries()) {
    block.slab = { block: slab, offset, extent: extents[i] };
    offset += extents[i];
  }
}

/** Whether `after` lies right behind `before` in every slab, all operands of each being equally far apart. */
function follows<T>(before: Update<T>, after: Update<T>): boolean {
  const [extent, nextExtent] = [before, after].map(({ operands: [first] }) => first.block.slab?.extent);
  return before.operands.every(({ block: { slab } }, i) => {
    const next = after.operands[i].block.slab;
    if (!slab || next?.block !== slab.block) return false;
    return slab.extent === extent && next.extent === nextExtent && next.offset === slab.offset + slab.extent;
  });
}

function run<T>(plan: Plan, group: readonly Update<T>[]): Run<T> {
  const [first] = group;
  const items = group.map(({ item }) => item);
  if (group.length === 1) {
    const length = first.operands[0].layout.bytes / 4;
    const vector = plan.dnn.strided([length], "f32");
    return { items, lengths: [length], operands: first.operands.map((tensor) => tensor.view(vector)) };
  }
  const lengths = group.map(({ operands }) => operands[0].block.slab!.extent / 4);
  const vector = plan.dnn.strided([lengths.reduce((sum, length) => sum + length, 0)], "f32");
  const operands = first.operands.map(({ block }) => new Tensor(block.slab!.block, vector, block.slab!.offset));
  return { items, lengths, operands };
}

/** Elements worked on at a time, so that they stay in the cache from one kernel to the next. */
const CHUNK = 2 ** 18;

/** Calls `work` for each part of long vectors. */
export function inChunks(
  plan: Plan,
  operands: readonly Tensor[],
  work: (parts: readonly Tensor[], start: number) => void,
): void {
  const [length] = operands[0].dims;
  for (let start = 0; start < length; start += CHUNK) {
    const layout = plan.dnn.strided([Math.min(CHUNK, length - start)], "f32");
    const parts = operands.map(({ block, offset }) => new Tensor(block, layout, offset + 4 * start));
    work(parts, start);
  }
}
