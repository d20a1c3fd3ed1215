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
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b);
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const size = aligned(lifetimes[i].bytes);
    const neighbours = placed.filter((j) => meet(lifetimes[i], lifetimes[j])).sort((a, b) => offsets[a] - offsets[b]);
    offsets[i] = tightestGap(
      size,
      neighbours.map((j) => [offsets[j], offsets[j] + aligned(lifetimes[j].bytes)] as const),
    );
    total = Math.max(total, offsets[i] + size);
    placed.push(i);
  }
  return { offsets, bytes: total };
}

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function meet(a: Lifetime, b: Lifetime): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** Where `size` bytes fit between ranges that are sorted by their start; past the last if nowhere else. */
function tightestGap(size: number, ranges: readonly (readonly [number, number])[]): number {
  let best = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  let top = 0;
  for (const [start, end] of ranges) {
    const gap = start - top;
    if (gap >= size && gap < bestGap) [best, bestGap] = [top, gap];
    top = Math.max(top, end);
  }
  return best < 0 ? top : best;
}
