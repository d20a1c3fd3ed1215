import { Assembler, at, RAX, RBX, RCX, RDI, RSI } from "./assembler.js";
import { LANES, TAP, VECTOR } from "./blocks.js";
import { eachOf } from "./items.js";

/** Where the arguments lie in what the kernel is handed. */
const ARGUMENTS = { source: 8, destination: 16 } as const;

/** A matrix of blocks of 8×8 numbers, one row of blocks after the other in the source, of which each is to be transposed. */
export interface BlockTransposition {
  readonly rows: number;
  readonly columns: number;
  /** Bytes from a row of blocks to the next in the destination. */
  readonly rowStep: number;
  /** Bytes from a block to the next of its row. */
  readonly columnStep: number;
  /** Threads that are expected. */
  readonly threads: number;
}

/** Machine code as of `groupedConvolutionCode`. */
export function transpositionCode({ rows, columns, rowStep, columnStep, threads }: BlockTransposition): Uint8Array {
  const code = new Assembler();
  eachOf(code, rows, threads, () => {
    const next = code.label();
    code.multiply(RSI, RAX, columns * TAP);
    code.addMemory(RSI, at(RBX, ARGUMENTS.source));
    code.multiply(RDI, RAX, rowStep);
    code.addMemory(RDI, at(RBX, ARGUMENTS.destination));
    code.set(RCX, columns);
    code.bind(next);
    for (const half of [0, 1]) emitHalf(code, half);
    code.addNumber(RSI, TAP);
    code.addNumber(RDI, columnStep);
    code.decrement(RCX);
    code.jumpIf("notZero", next);
  });
  return code.code();
}

/** Four columns of a block become rows: of rows i and i + 4 side by side, pairs are interleaved, and pairs of pairs. */
function emitHalf(code: Assembler, half: number): void {
  const four = LANES / 2;
  for (let row = 0; row < four; row++) {
    code.loadHalf(row, at(RSI, row * VECTOR + (half * VECTOR) / 2));
    code.insertUpper(row, row, at(RSI, (row + four) * VECTOR + (half * VECTOR) / 2));
  }
  const [low, high] = [4, 6];
  for (const pair of [0, 1]) {
    code.interleaveLow(low + pair, 2 * pair, 2 * pair + 1);
    code.interleaveHigh(high + pair, 2 * pair, 2 * pair + 1);
  }
  [low, high].forEach((first, i) => {
    code.lowPairs(8, first, first + 1);
    code.highPairs(9, first, first + 1);
    const row = half * four + 2 * i;
    code.storeVector(at(RDI, row * VECTOR), 8);
    code.storeVector(at(RDI, (row + 1) * VECTOR), 9);
  });
}
