import {
  Assembler,
  at,
  type Label,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
  RSP,
} from "./assembler.js";
import { ARGUMENTS, type Target, type Vectors } from "./blocks.js";
import { eachOf } from "./items.js";
import { evenly } from "./parts.js";

/** One factor of an output's sum: which weight, of which place of the source. */
export interface Tap {
  readonly weight: number;
  readonly place: number;
}

/**
 * A grouped convolution on channel blocks, forward or for its source's gradient: each place of the destination is a
 * sum over taps. Sizes are those of one group; [N, C/lanes, H, W, lanes] in memory, weights [G, blocks, blocks, …taps, lanes, lanes] with
 * the destination's channels innermost.
 */
export interface GroupedConvolution extends Target {
  readonly images: number;
  readonly groups: number;
  /** Blocks of channels in a group. */
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  readonly source: readonly [height: number, width: number];
  readonly destination: readonly [height: number, width: number];
  /** Of each row of the destination: rows of weights and of the source. */
  readonly rows: readonly (readonly Tap[])[];
  /** Of each column of the destination: columns of weights and of the source. */
  readonly columns: readonly (readonly Tap[])[];
  /** Columns of the weights. */
  readonly kernelWidth: number;
  /** Bytes from one block's weights to the next, and of all weights of a group. */
  readonly weightSteps: { readonly source: number; readonly destination: number; readonly group: number };
  /** Places of the source that the next place of the destination starts at; below one for the gradient of strides. */
  readonly step: number;
  /** Whether the result is added to what the destination holds. */
  readonly sum: boolean;
  readonly bias: boolean;
  readonly relu: boolean;
  /** Parts of an image's rows that threads take by themselves, at most. */
  readonly bands: number;
  /** Whether a thread's items are neighbouring rows of all groups, instead of neighbouring groups of all images: of one image. */
  readonly byRows: boolean;
}

/** Columns of the destination that one piece of code computes, and those after them that the same code serves. */
interface Tile {
  readonly start: number;
  readonly width: number;
  /** Of each column, with places from the tile's own start on. */
  readonly taps: readonly (readonly Tap[])[];
  readonly sourceStart: number;
  repeats: number;
  /** Places of the source from one repeat to the next. */
  sourceStep: number;
}

/** The largest step back from places of the source to those of the destination: a tile has one of each at least. */
export function widestStride({ accumulators, mostBlocks }: Vectors): number {
  return Math.floor(accumulators / mostBlocks);
}

/** Products that a processor works on at once: two a clock, each for four. */
const IN_FLIGHT = 8;

/** Bytes of a block of an image from which on its next row is fetched ahead of its use. */
const NEAR = 8 * 1024;

/** What tells where in an item's destination a kernel is: the place, its rows in the table and their number. */
const PLACE = [R13, R14, R10];

/** Machine code of a function that is handed the address of its arguments, to be run by any number of threads at once. */
export function groupedConvolutionCode(convolution: GroupedConvolution): Uint8Array {
  const { vectors } = convolution;
  const { images, groups, destination } = convolution;
  const code = new Assembler(vectors);
  const [height, width] = destination;
  const bandRows = Math.ceil(height / convolution.bands);
  const bands = Math.ceil(height / bandRows);
  const rowBytes = 8 + 16 * Math.max(...convolution.rows.map(({ length }) => length));
  const [rowTable, bandTable] = [code.label(), code.label()];
  eachOf(code, images * groups * bands, convolution.threads, () => {
    placeItem(code, { ...convolution, bands }, bandRows, rowBytes, rowTable, bandTable);
    for (const register of PLACE) code.push(register);
    for (const { first, count: blocks } of evenly(convolution.destinationBlocks, vectors.mostBlocks)) {
      for (const [i, register] of PLACE.toReversed().entries()) code.load(register, at(RSP, 8 * i));
      const nextRow = code.label();
      code.bind(nextRow);
      for (const tile of tilesOf(convolution, Math.floor(vectors.accumulators / blocks))) {
        emitTile(code, convolution, tile, first, blocks);
      }
      code.addNumber(R13, width * vectors.bytes);
      code.addNumber(R14, rowBytes);
      code.decrement(R10);
      code.jumpIf("notZero", nextRow);
    }
    code.addNumber(RSP, 8 * PLACE.length);
  });
  code.data(
    rowTable,
    convolution.rows.flatMap((taps) => rowEntries(convolution, taps, rowBytes)),
  );
  code.data(
    bandTable,
    Array.from({ length: bands }, (_, band) => Math.min(bandRows, height - band * bandRows)),
  );
  return code.code();
}

/** How many taps a row has, then where their rows of source and weights start. */
function rowEntries(convolution: GroupedConvolution, taps: readonly Tap[], bytes: number): number[] {
  const { vectors } = convolution;
  const [, width] = convolution.source;
  const entries = new Array<number>(bytes / 8).fill(0);
  entries[0] = taps.length;
  taps.forEach(({ weight, place }, i) => {
    entries[1 + 2 * i] = place * width * vectors.bytes;
    entries[2 + 2 * i] = weight * convolution.kernelWidth * vectors.tap;
  });
  return entries;
}

/** Of item RAX: R12 source, R13 destination, R14 its rows in the table, R10 their number, R15 weights, R11 bias. */
function placeItem(
  code: Assembler,
  {
    images,
    groups,
    bands,
    sourceBlocks,
    destinationBlocks,
    source,
    destination,
    weightSteps,
    bias,
    byRows,
  }: GroupedConvolution,
  bandRows: number,
  rowBytes: number,
  rowTable: Label,
  bandTable: Label,
): void {
  const { vectors } = code;
  code.set(RDX, 0);
  code.set(RCX, byRows ? groups : bands);
  code.divide(RCX);
  if (byRows) {
    code.move(RCX, RAX);
    code.move(RAX, RDX);
    code.move(RDX, RCX);
  }
  // RAX: the image of a group; RDX: the band.
  code.addressOf(R14, rowTable);
  code.multiply(RCX, RDX, bandRows * rowBytes);
  code.add(R14, RCX);
  code.addressOf(R10, bandTable);
  code.multiply(RCX, RDX, 8);
  code.add(R10, RCX);
  code.load(R10, at(R10));
  code.multiply(R13, RDX, bandRows * destination[1] * vectors.bytes);
  code.addMemory(R13, at(RBX, ARGUMENTS.destination));
  // Neighbouring groups of all images are channels that the thread made itself.
  code.set(RDX, 0);
  code.set(RCX, images);
  code.divide(RCX);
  code.multiply(RDX, RDX, groups);
  code.add(RDX, RAX);
  code.multiply(RCX, RDX, destinationBlocks * places(destination) * vectors.bytes);
  code.add(R13, RCX);
  code.multiply(R12, RDX, sourceBlocks * places(source) * vectors.bytes);
  code.addMemory(R12, at(RBX, ARGUMENTS.source));
  code.multiply(R15, RAX, weightSteps.group);
  code.addMemory(R15, at(RBX, ARGUMENTS.weights));
  if (bias) {
    code.multiply(R11, RAX, destinationBlocks * vectors.bytes);
    code.addMemory(R11, at(RBX, ARGUMENTS.bias));
  }
}

function places([height, width]: readonly [number, number]): number {
  return height * width;
}

function tilesOf({ columns, step }: GroupedConvolution, most: number): Tile[] {
  const unit = step < 1 ? Math.round(1 / step) : 1;
  const tiles: Tile[] = [];
  for (const { first, count } of evenly(Math.ceil(columns.length / unit), Math.floor(most / unit))) {
    const start = first * unit;
    const own = columns.slice(start, start + count * unit);
    const sourceStart = Math.floor(start * step);
    const taps = own.map((list) => list.map(({ weight, place }) => ({ weight, place: place - sourceStart })));
    const last = tiles.at(-1);
    const sourceStep = last ? sourceStart - (last.sourceStart + (last.repeats - 1) * last.sourceStep) : 0;
    const isSame =
      last !== undefined &&
      JSON.stringify(last.taps) === JSON.stringify(taps) &&
      (last.repeats === 1 || last.sourceStep === sourceStep);
    if (isSame) {
      last.repeats++;
      last.sourceStep = sourceStep;
    } else tiles.push({ start, width: own.length, taps, sourceStart, repeats: 1, sourceStep: 0 });
  }
  return tiles;
}

function emitTile(code: Assembler, convolution: GroupedConvolution, tile: Tile, first: number, blocks: number): void {
  const { vectors } = code;
  const { sourceBlocks, source, destination, weightSteps } = convolution;
  const blockStep = places(destination) * vectors.bytes;
  code.address(RSI, at(R12, tile.sourceStart * vectors.bytes));
  code.address(R8, at(R13, first * blockStep + tile.start * vectors.bytes));
  const [repeat, nextRow, nextBlock, done] = [code.label(), code.label(), code.label(), code.label()];
  if (tile.repeats > 1) code.set(R9, tile.repeats);
  code.bind(repeat);
  const accumulators = accumulatorsOf(tile, blocks, vectors);
  for (const register of accumulators.flat(2)) code.clear(register);
  code.load(RCX, at(R14));
  code.address(RBP, at(R14, 8));
  code.compare(RCX, 0);
  code.jumpIf("zero", done);
  code.bind(nextRow);
  code.move(RDX, RSI);
  code.addMemory(RDX, at(RBP));
  code.address(RAX, at(R15, first * weightSteps.destination));
  code.addMemory(RAX, at(RBP, 8));
  if (sourceBlocks > 1) code.set(RDI, sourceBlocks);
  code.bind(nextBlock);
  if (places(source) * vectors.bytes > NEAR) prefetchNextRow(code, convolution, tile);
  emitProducts(code, tile, accumulators, weightSteps.destination);
  if (sourceBlocks > 1) {
    code.addNumber(RDX, places(source) * vectors.bytes);
    code.addNumber(RAX, weightSteps.source);
    code.decrement(RDI);
    code.jumpIf("notZero", nextBlock);
  }
  code.addNumber(RBP, 16);
  code.decrement(RCX);
  code.jumpIf("notZero", nextRow);
  code.bind(done);
  emitResults(code, convolution, accumulators, first);
  if (tile.repeats > 1) {
    code.addNumber(RSI, tile.sourceStep * vectors.bytes);
    code.addNumber(R8, tile.width * vectors.bytes);
    code.decrement(R9);
    code.jumpIf("notZero", repeat);
  }
}

/** The next row of destination reads rows of the source that may be in no near cache. */
function prefetchNextRow(code: Assembler, { source, step }: GroupedConvolution, { taps }: Tile): void {
  const { vectors } = code;
  const start = Math.max(1, step) * source[1] * vectors.bytes;
  const width = Math.max(...taps.flat().map(({ place }) => place)) + 1;
  for (let line = 0; line < width * vectors.bytes; line += 64) code.prefetch(at(RDX, start + line));
}

/** Of each block and column, the registers whose sum is the result. */
type Accumulators = readonly (readonly (readonly number[])[])[];

/**
 * A product is added to a register once the one before it is there. Where a column's products would wait for each other longer than
 * all products take, they are added to several registers by turns.
 */
function accumulatorsOf({ taps, width }: Tile, blocks: number, vectors: Vectors): Accumulators {
  const counts = new Array<number>(width).fill(1);
  const products = blocks * taps.flat().length;
  let free = Math.floor(vectors.accumulators / blocks) - width;
  for (;;) {
    const waits = taps.map(({ length }, column) => Math.ceil(length / counts[column]));
    const longest = Math.max(...waits);
    const columns = waits.flatMap((wait, column) => (wait === longest ? [column] : []));
    if (longest * IN_FLIGHT <= products || longest === 1 || columns.length > free) break;
    for (const column of columns) counts[column]++;
    free -= columns.length;
  }
  let register = 0;
  return Array.from({ length: blocks }, () => counts.map((count) => Array.from({ length: count }, () => register++)));
}

/** Of a row of taps and a block of the source (RDX) by its weights (RAX): adds all products to the accumulators. */
function emitProducts(code: Assembler, { taps }: Tile, accumulators: Accumulators, blockStep: number): void {
  const { vectors } = code;
  const blocks = accumulators.length;
  const products = taps.flatMap((list, column) => list.map((tap, turn) => ({ ...tap, column, turn })));
  // As many columns of weights at once as there are registers for; each number of the source then serves all of them.
  const together = Math.floor((vectors.source - vectors.accumulators) / blocks);
  const kernelColumns = unique(products.map(({ weight }) => weight));
  for (let lane = 0; lane < vectors.lanes; lane++) {
    for (const { first, count } of evenly(kernelColumns.length, together)) {
      const weights = kernelColumns.slice(first, first + count);
      const registerOf = (weight: number, block: number) =>
        vectors.accumulators + weights.indexOf(weight) * blocks + block;
      for (const weight of weights) {
        for (let block = 0; block < blocks; block++) {
          code.loadVector(
            registerOf(weight, block),
            at(RAX, block * blockStep + weight * vectors.tap + lane * vectors.bytes),
          );
        }
      }
      const own = products.filter(({ weight }) => weights.includes(weight));
      for (const source of unique(own.map(({ place }) => place))) {
        code.broadcast(vectors.source, at(RDX, source * vectors.bytes + 4 * lane));
        for (const { weight, column, turn } of own.filter(({ place }) => place === source)) {
          for (const [block, columns] of accumulators.entries()) {
            const registers = columns[column];
            code.multiplyAdd(registers[turn % registers.length], registerOf(weight, block), vectors.source);
          }
        }
      }
    }
  }
}

function unique(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function emitResults(
  code: Assembler,
  { destination, sum, bias, relu }: GroupedConvolution,
  accumulators: Accumulators,
  first: number,
): void {
  const { vectors } = code;
  if (relu) code.clear(vectors.source);
  for (const [block, columns] of accumulators.entries()) {
    for (const [column, [register, ...others]] of columns.entries()) {
      const result = at(R8, (block * places(destination) + column) * vectors.bytes);
      for (const other of others) code.addVectors(register, register, other);
      if (sum) code.addVectors(register, register, result);
      if (bias) code.addVectors(register, register, at(R11, (first + block) * vectors.bytes));
      if (relu) code.maximum(register, vectors.source, register);
      code.storeVector(result, register);
    }
  }
}
