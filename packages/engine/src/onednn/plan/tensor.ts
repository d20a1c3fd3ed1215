import { outOfMemory } from "../../freeMemory.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";

/**
 * A block of memory whose address is settled when the whole plan is known: part of the arena, or an ordinary array
 * that JavaScript sees.
 */
export class Block {
  /** Set for a block that JavaScript reads or writes. */
  array?: Float32Array;
  /** Never changes between runs: made from fixed weights. */
  constant = false;
  /** What one step of a run puts there, another changes: never made once for all runs. */
  changing = false;
  /** Keeps its content from run to run. */
  permanent = false;
  /** The larger block this one is a part of, and the bytes it has there, up to the next part. */
  slab?: { readonly block: Block; readonly offset: number; readonly extent: number };

  /** @param skew bytes past a multiple of `ALIGNMENT` at which the block starts in the arena */
  constructor(
    readonly bytes: number,
    readonly skew = 0,
  ) {}

  static host(array: Float32Array): Block {
    const block = new Block(array.byteLength);
    block.array = array;
    return block;
  }
}

/** A block seen through a layout. */
export class Tensor {
  /** The same content in other layouts. */
  readonly variants: Tensor[] = [];

  constructor(
    readonly block: Block,
    readonly layout: MemoryDescriptor,
    /** Bytes from the block's start. */
    readonly offset = 0,
  ) {}

  get dims(): readonly number[] {
    return this.layout.dims;
  }

  /** The same memory seen through another layout. */
  view(layout: MemoryDescriptor): Tensor {
    return new Tensor(this.block, layout, this.offset);
  }
}

/**
 * A Float32Array in memory that stays where it is and that threads can share.
 *
 * @throws RegnetError when there is not that much memory, or it is more than an array can have
 */
export function sharedArray(length: number): Float32Array {
  try {
    return new Float32Array(new SharedArrayBuffer(4 * length));
  } catch {
    throw outOfMemory(4 * length);
  }
}
