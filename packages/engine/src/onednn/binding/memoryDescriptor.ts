import type { Pointer } from "./native.js";
import type { ElementType } from "./specs.js";

/** How a tensor lies in memory. Immutable. */
export interface MemoryDescriptor {
  /** What the C functions take: the structure itself (oneDNN 2) or a handle (oneDNN 3). */
  readonly native: Buffer | Pointer;
  readonly dims: readonly number[];
  readonly type: ElementType;
  /** Bytes, padding included; 0 for `any`. */
  readonly bytes: number;
  /** True where the library may choose the layout. */
  readonly any: boolean;
  /** Equal exactly for equal layouts: `f32 16x24x8x8 aBcd16b …`. */
  readonly key: string;
}

/** Strides (elements) and inner blocks of a memory descriptor. */
export interface Blocking {
  readonly strides: readonly number[];
  readonly blocks: readonly number[];
  /** The dimension that each inner block splits. */
  readonly blockDims: readonly number[];
}

/** For instance `f32 16x24x8x8 2048,1024,128,16 16b`. */
export function describe(type: ElementType, dims: readonly number[], blocking: Blocking | undefined): string {
  const head = `${type} ${dims.join("x")}`;
  if (!blocking) return `${head} any`;
  const letters = "abcdefghijkl";
  const inner = blocking.blocks.map((size, i) => `${size}${letters[blocking.blockDims[i]]}`).join("");
  return `${head} ${blocking.strides.join(",")}${inner ? ` ${inner}` : ""}`;
}
