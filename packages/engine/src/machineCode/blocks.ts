/** Numbers in a vector, and channels in a block. */
export const LANES = 8;
/** Bytes of a vector: of a place in a block of channels. */
export const VECTOR = 4 * LANES;
/** Bytes of the weights of one tap from one block of channels to another. */
export const TAP = LANES * VECTOR;

/** Sums of a tile; what is left of the sixteen registers holds weights, or the result's gradient, and a number of the source. */
export const ACCUMULATORS = 12;
/** Blocks of channels computed together: what of them is read fills the other registers but one. */
export const MOST_BLOCKS = 3;
/** The register of a number of the source. */
export const SOURCE = 15;

/** Where a convolution's arguments lie in what its kernel is handed: addresses. */
export const ARGUMENTS = { source: 8, weights: 16, destination: 24, bias: 32 } as const;
