/** Vectors of an instruction set, and how tiles of convolutions share out its registers. A block of channels fills a vector. */
export interface Vectors {
  readonly name: "avx2" | "avx512";
  /** Numbers in a vector, and channels in a block. */
  readonly lanes: 8 | 16;
  /** Bytes of a vector: of a place in a block of channels. */
  readonly bytes: number;
  /** Bytes of the weights of one tap from one block of channels to another. */
  readonly tap: number;
  /** Sums of a tile; what is left of the registers holds weights, or the result's gradient, and a number of the source. */
  readonly accumulators: number;
  /** Blocks of channels computed together: what of them is read fills the other registers but one. */
  readonly mostBlocks: number;
  /** The register of a number of the source: the last one. */
  readonly source: number;
}

/** Sixteen registers of 256 bits (AVX2 and FMA). */
export const AVX2: Vectors = {
  name: "avx2",
  lanes: 8,
  bytes: 32,
  tap: 8 * 32,
  accumulators: 12,
  mostBlocks: 3,
  source: 15,
};

/** Thirty-two registers of 512 bits (AVX-512 F and DQ). */
export const AVX512: Vectors = {
  name: "avx512",
  lanes: 16,
  bytes: 64,
  tap: 16 * 64,
  accumulators: 24,
  mostBlocks: 3,
  source: 31,
};

/** What a kernel is made for. */
export interface Target {
  readonly vectors: Vectors;
  /** Threads that are expected. */
  readonly threads: number;
}

/** Where a convolution's arguments lie in what its kernel is handed: addresses. */
export const ARGUMENTS = { source: 8, weights: 16, destination: 24, bias: 32 } as const;
