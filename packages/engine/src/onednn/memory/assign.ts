import type { Step } from "../plan/step.js";
import { readsOf, writesOf } from "../plan/step.js";
import type { Block } from "../plan/tensor.js";
import { type Lifetime, place } from "./lifetimes.js";

/** Where every block of a plan lies in the arena. Blocks with arrays of their own are not there. */
export interface Assignment {
  offset(block: Block): number;
  readonly bytes: number;
  /** Bytes of blocks that keep their content from run to run. */
  readonly permanentBytes: number;
  /** Bytes of the largest scratchpad. */
  readonly scratchBytes: number;
}

interface Span {
  bytes: number;
  start: number;
  end: number;
  permanent: boolean;
}

/** Settles which blocks share memory: those whose lifetimes do not meet, and results written over their operands. */
export function assign(once: readonly Step[], steps: readonly Step[], kept: readonly Block[]): Assignment {
  const timeline = [...once, ...steps];
  const spans = spansOf(timeline, once.length, kept);
  const homes = mergeInPlace(timeline, spans);
  const blocks = [...spans.keys()].filter((block) => homes.get(block) === undefined);
  const lifetimes: Lifetime[] = blocks.map((block) => {
    const { bytes, start, end } = spans.get(block)!;
    return { bytes: block.skew + bytes, start, end };
  });
  const { offsets, bytes } = place(lifetimes);
  const byBlock = new Map(blocks.map((block, i) => [block, offsets[i]]));
  const offset = (block: Block): number => {
    const { block: root, shift } = rootOf(block);
    let home = root;
    for (let next = homes.get(home); next; next = homes.get(home)) home = next;
    return byBlock.get(home)! + home.skew + shift;
  };
  const permanentBytes = blocks.reduce((sum, block) => sum + (spans.get(block)!.permanent ? block.bytes : 0), 0);
  return { offset, bytes, permanentBytes, scratchBytes: largestScratch(timeline) };
}

/** The block that has a place of its own, and how far into it `block` starts. */
function rootOf(block: Block): { block: Block; shift: number } {
  let [root, shift] = [block, 0];
  while (root.slab) [root, shift] = [root.slab.block, shift + root.slab.offset];
  return { block: root, shift };
}

function spansOf(timeline: readonly Step[], onceCount: number, kept: readonly Block[]): Map<Block, Span> {
  const spans = new Map<Block, Span>();
  const last = timeline.length;
  const touch = (block: Block, index: number) => {
    const { block: root } = rootOf(block);
    if (root.array) return;
    const span = spans.get(root);
    if (!span) {
      const { bytes, permanent } = root;
      spans.set(root, { bytes, start: permanent ? 0 : index, end: permanent ? last : index, permanent });
    } else if (!span.permanent) {
      span.end = Math.max(span.end, index);
    }
    const made = spans.get(root)!;
    if (root.constant && index >= onceCount) [made.start, made.end, made.permanent] = [0, last, true];
  };
  for (const block of kept) touch(block, 0);
  timeline.forEach((step, index) => {
    for (const { block } of [...readsOf(step), ...writesOf(step)]) touch(block, index);
  });
  return spans;
}

/** Results that take the memory of an operand which dies in the same step: result → operand. */
function mergeInPlace(timeline: readonly Step[], spans: Map<Block, Span>): Map<Block, Block> {
  const homes = new Map<Block, Block>();
  const homeOf = (block: Block) => {
    let home = block;
    for (let next = homes.get(home); next; next = homes.get(home)) home = next;
    return home;
  };
  timeline.forEach((step, index) => {
    if (step.kind === "host" || !step.inPlace) return;
    const [result, operand] = step.inPlace;
    if (result.block.slab || operand.block.slab || operand.block.array || operand.offset !== 0) return;
    const [to, from] = [spans.get(result.block), homeOf(operand.block)];
    const home = spans.get(from);
    if (!to || !home || to.permanent || home.permanent || home.end !== index || to.start !== index) return;
    if (to.bytes > home.bytes || readCount(step, operand.block) > 1) return;
    if (result.block.skew > 0 && result.block.skew !== from.skew) return;
    home.end = to.end;
    homes.set(result.block, from);
  });
  return homes;
}

/** How many operands of a step lie in one block. */
function readCount(step: Step, block: Block): number {
  return readsOf(step).filter((tensor) => tensor.block === block).length;
}

function largestScratch(timeline: readonly Step[]): number {
  let largest = 0;
  for (const step of timeline) {
    if (step.kind === "primitive") largest = Math.max(largest, step.writes.scratchpad?.block.bytes ?? 0);
  }
  return largest;
}
