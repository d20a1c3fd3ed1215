/** A part of a whole. */
export interface Piece {
  readonly first: number;
  readonly count: number;
}

/** As few parts as are not larger than `most`, as even as can be: the larger ones first, the others one smaller. */
export function evenly(total: number, most: number): Piece[] {
  const pieces = Math.ceil(total / most);
  const smaller = Math.floor(total / pieces);
  const larger = total - smaller * pieces;
  return Array.from({ length: pieces }, (_, i) => ({
    first: i * smaller + Math.min(i, larger),
    count: i < larger ? smaller + 1 : smaller,
  }));
}

/** Neighbouring pieces of one size. */
export interface Run extends Piece {
  /** How many pieces come before, and how many of this size there are. */
  readonly before: number;
  readonly pieces: number;
}

/** The pieces by their sizes: one run, or two. */
export function bySize(pieces: readonly Piece[]): Run[] {
  const sizes = [...new Set(pieces.map(({ count }) => count))];
  return sizes.map((count) => {
    const before = pieces.findIndex((piece) => piece.count === count);
    return {
      first: pieces[before].first,
      count,
      before,
      pieces: pieces.filter((piece) => piece.count === count).length,
    };
  });
}
