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

/** Extents rounded up to the product of their inner blocks. */
export function paddedDims(dims: readonly number[], { blocks, blockDims }: Blocking): number[] {
  return dims.map((extent, axis) => {
    const block = blocks.reduce((product, size, i) => (blockDims[i] === axis ? product * size : product), 1);
    return Math.ceil(extent / block) * block;
  });
}

/** For instance `f32 16x24x8x8 2048,1024,128,16 16b`. */
export function describe(type: ElementType, dims: readonly number[], blocking: Blocking | undefined): string {
  const head = `${type} ${dims.join("x")}`;
  if (!blocking) return `${head} any`;
  const letters = "abcdefghijkl";
  const inner = blocking.blocks.map((size, i) => `${size}${letters[blocking.blockDims[i]]}`).join("");
  return `${head} ${blocking.strides.join(",")}${inner ? ` ${inner}` : ""}`;
}

/** The order of dimensions and inner blocks, for people: `aBcd16b`. */
export function layoutName({ key, dims }: MemoryDescriptor): string {
  const [, , strides, inner = ""] = key.split(" ");
  if (strides === "any" || !strides) return "any";
  const steps = strides.split(",").map(Number);
  const order = dims.map((_, axis) => axis).sort((a, b) => steps[b] - steps[a] || a - b);
  const letters = "abcdefghijkl";
  return (
    order.map((axis) => (inner.includes(letters[axis]) ? letters[axis].toUpperCase() : letters[axis])).join("") + inner
  );
}
