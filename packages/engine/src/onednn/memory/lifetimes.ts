/** A block that is needed from step `start` to step `end`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
}

/** Blocks start at multiples of this. */
export const ALIGNMENT = 64;

/** Offsets at which blocks may lie so that no two that are alive together overlap, and the bytes they need in all. */
export interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** Places blocks, the largest first, each in the tightest gap among those it meets. */
export function place(lifetimes: readonly Lifetime[]): Placement {
  const sizes = lifetimes.map(({ bytes }) => aligned(bytes));
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b);
  /** By their offsets. */
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const neighbours = placed.filter((j) => meet(lifetimes[i], lifetimes[j]));
    const offset = tightestGap(sizes[i], neighbours, offsets, sizes);
    offsets[i] = offset;
    total = Math.max(total, offset + sizes[i]);
    const after = placed.findIndex((j) => offsets[j] > offset);
    placed.splice(after < 0 ? placed.length : after, 0, i);
  }
  return { offsets, bytes: total };
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function meet(a: Lifetime, b: Lifetime): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** Where `size` bytes fit between blocks that are sorted by their offsets; past the last if nowhere else. */
function tightestGap(
  size: number,
  blocks: readonly number[],
  offsets: readonly number[],
  sizes: readonly number[],
): number {
  let best = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  let top = 0;
  for (const block of blocks) {
    const gap = offsets[block] - top;
    if (gap >= size && gap < bestGap) [best, bestGap] = [top, gap];
    top = Math.max(top, offsets[block] + sizes[block]);
  }
  return best < 0 ? top : best;
}
