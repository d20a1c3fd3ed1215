import { Assembler, at, type Memory, RAX, RBX, RCX, RDI, RSI } from "./assembler.js";
import { AVX2, type Target, type Vectors } from "./blocks.js";
import { eachOf } from "./items.js";

/** Where the arguments lie in what the kernel is handed. */
const ARGUMENTS = { source: 8, destination: 16 } as const;

/** A matrix of blocks as wide and as high as a vector, one row of blocks after the other in the source, of which each is to be transposed. */
export interface BlockTransposition extends Target {
  readonly rows: number;
  readonly columns: number;
  /** Bytes from a row of blocks to the next in the destination. */
  readonly rowStep: number;
  /** Bytes from a block to the next of its row. */
  readonly columnStep: number;
}

/** A block is transposed by squares of so many numbers. */
const SQUARE = AVX2.lanes;

/** Machine code as of `groupedConvolutionCode`. */
export function transpositionCode(transposition: BlockTransposition): Uint8Array {
  const { rows, columns, rowStep, columnStep, vectors, threads } = transposition;
  const code = new Assembler(AVX2);
  const squares = Array.from({ length: vectors.lanes / SQUARE }, (_, i) => i);
  const squareAt = (base: number, row: number, column: number) =>
    at(base, SQUARE * row * vectors.bytes + AVX2.bytes * column);
  eachOf(code, rows, threads, () => {
    const next = code.label();
    code.multiply(RSI, RAX, columns * vectors.tap);
    code.addMemory(RSI, at(RBX, ARGUMENTS.source));
    code.multiply(RDI, RAX, rowStep);
    code.addMemory(RDI, at(RBX, ARGUMENTS.destination));
    code.set(RCX, columns);
    code.bind(next);
    for (const row of squares) {
      for (const column of squares) {
        for (const half of [0, 1])
          emitHalf(code, squareAt(RSI, row, column), squareAt(RDI, column, row), half, vectors);
      }
    }
    code.addNumber(RSI, vectors.tap);
    code.addNumber(RDI, columnStep);
    code.decrement(RCX);
    code.jumpIf("notZero", next);
  });
  return code.code();
}

/** Four columns of a square become rows: of rows i and i + 4 side by side, pairs are interleaved, and pairs of pairs. */
function emitHalf(code: Assembler, from: Memory, to: Memory, half: number, { bytes }: Vectors): void {
  const four = SQUARE / 2;
  const [source, destination] = [from, to].map(
    ({ base, offset }) =>
      (row: number) =>
        at(base, offset + row * bytes),
  );
  for (let row = 0; row < four; row++) {
    const past = half * 4 * four;
    code.loadHalf(row, further(source(row), past));
    code.insertUpper(row, row, further(source(row + four), past));
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
    code.storeVector(destination(row), 8);
    code.storeVector(destination(row + 1), 9);
  });
}

function further({ base, offset }: Memory, bytes: number): Memory {
  return at(base, offset + bytes);
}
