import { Assembler, at, R8, R9, R10, R11, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RDI, RDX, RSI } from "./assembler.js";
import { ARGUMENTS, type Target, type Vectors } from "./blocks.js";
import { eachOf } from "./items.js";
import { evenly } from "./parts.js";

/** What of a block of the source and one of the result's gradient is to stay in the first cache. */
const CACHE = 24 * 1024;

/** Windows that `groupedWeightsGradientCode` has registers for. */
export const WIDEST_KERNEL = 3;

/** The gradient of a grouped convolution's weights, on channel blocks. Sizes are those of one group. */
export interface GroupedWeightsGradient extends Target {
  readonly images: number;
  readonly groups: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  readonly source: readonly [height: number, width: number];
  readonly destination: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride: number;
  readonly padding: number;
  /** Parts of the images; the gradient by each is written behind that by the one before. */
  readonly ranges: number;
}

const END = -1;

/**
 * Machine code as of `groupedConvolutionCode`: `destination` is the result's gradient, `weights` becomes the weights'
 * gradient. All weights from one block of channels to another are computed by one thread, so that their sums do not
 * depend on how many there are.
 */
export function groupedWeightsGradientCode(gradient: GroupedWeightsGradient): Uint8Array {
  const { vectors } = gradient;
  const { images, groups, sourceBlocks, destinationBlocks, source, destination, kernel, stride } = gradient;
  const code = new Assembler(vectors);
  const [sourceBytes, destinationBytes] = [source, destination].map(
    ([height, width]) => height * width * vectors.bytes,
  );
  const [kernelHeight, kernelWidth] = kernel;
  const lanes = kernelWidth === 1 ? vectors.lanes : vectors.lanes / 2;
  const imageSteps = [groups * sourceBlocks * sourceBytes, groups * destinationBlocks * destinationBytes];
  const chunk = Math.max(1, Math.floor(CACHE / (sourceBytes + destinationBytes)));
  const [chunkTable, rowTable, pairTable, rangeTable] = Array.from({ length: 4 }, () => code.label());
  const ranges = evenly(images, Math.ceil(images / gradient.ranges));
  const { parts, rows, columns } = splitOf(gradient);
  const pairBytes = kernelHeight * kernelWidth * vectors.tap;

  eachOf(code, groups * parts * ranges.length, gradient.threads, () => {
    code.set(RDX, 0);
    code.set(RCX, ranges.length);
    code.divide(RCX);
    // R8: where the range's images and gradient start, and its chunks.
    code.multiply(RDX, RDX, RANGE.bytes);
    code.addressOf(R8, rangeTable);
    code.add(R8, RDX);
    code.multiply(R15, RAX, rows * columns * pairBytes);
    code.addMemory(R15, at(RBX, ARGUMENTS.weights));
    code.addMemory(R15, at(R8, RANGE.weights));
    // RAX: the group; RDX: the part of it, by blocks of the result, then of the source.
    code.set(RDX, 0);
    code.set(RCX, parts);
    code.divide(RCX);
    code.multiply(R12, RAX, sourceBlocks * sourceBytes);
    code.addMemory(R12, at(RBX, ARGUMENTS.source));
    code.addMemory(R12, at(R8, RANGE.source));
    code.multiply(R13, RAX, destinationBlocks * destinationBytes);
    code.addMemory(R13, at(RBX, ARGUMENTS.destination));
    code.addMemory(R13, at(R8, RANGE.destination));
    if (parts > 1) {
      code.move(RAX, RDX);
      code.set(RDX, 0);
      code.set(RCX, sourceBlocks / columns);
      code.divide(RCX);
      code.multiply(RAX, RAX, rows * destinationBytes);
      code.add(R13, RAX);
      code.multiply(RDX, RDX, columns * sourceBytes);
      code.add(R12, RDX);
    }
    const nextZero = code.label();
    code.clear(0);
    code.move(RAX, R15);
    code.set(RCX, (rows * columns * pairBytes) / vectors.bytes);
    code.bind(nextZero);
    code.storeVector(at(RAX), 0);
    code.addNumber(RAX, vectors.bytes);
    code.decrement(RCX);
    code.jumpIf("notZero", nextZero);
    code.addressOf(R14, chunkTable);
    code.addMemory(R14, at(R8, RANGE.chunks));

    const [nextChunk, nextPair, nextLanes] = Array.from({ length: 3 }, () => code.label());
    const [nextKernelRow, nextImage, nextRow, rowDone, kernelDone] = Array.from({ length: 5 }, () => code.label());
    code.bind(nextChunk);
    code.addressOf(R10, pairTable);
    code.bind(nextPair);
    code.set(R11, 0);
    code.bind(nextLanes);
    code.addressOf(RBP, rowTable);
    code.multiply(R8, R11, vectors.lanes);
    code.add(R8, R15);
    code.addMemory(R8, at(R10));
    code.bind(nextKernelRow);
    code.load(R9, at(RBP));
    code.compare(R9, END);
    code.jumpIf("zero", kernelDone);
    code.compare(R9, 0);
    code.jumpIf("zero", rowDone);
    sums(vectors, kernelWidth, lanes, (sum, place) => code.loadVector(sum, at(R8, place)));
    code.load(RDI, at(R14));
    code.move(RSI, R12);
    code.addMemory(RSI, at(RBP, 8));
    code.addMemory(RSI, at(R10, 8));
    code.add(RSI, R11);
    code.move(RDX, R13);
    code.addMemory(RDX, at(RBP, 16));
    code.addMemory(RDX, at(R10, 16));
    code.bind(nextImage);
    code.move(RAX, RSI);
    code.move(RCX, RDX);
    code.load(R9, at(RBP));
    code.bind(nextRow);
    emitRow(code, gradient, lanes);
    code.addNumber(RAX, stride * source[1] * vectors.bytes);
    code.addNumber(RCX, destination[1] * vectors.bytes);
    code.decrement(R9);
    code.jumpIf("notZero", nextRow);
    code.addNumber(RSI, imageSteps[0]);
    code.addNumber(RDX, imageSteps[1]);
    code.decrement(RDI);
    code.jumpIf("notZero", nextImage);
    sums(vectors, kernelWidth, lanes, (sum, place) => code.storeVector(at(R8, place), sum));
    code.bind(rowDone);
    code.addNumber(R8, kernelWidth * vectors.tap);
    code.addNumber(RBP, 24);
    code.jump(nextKernelRow);
    code.bind(kernelDone);
    code.addNumber(R11, 4 * lanes);
    code.compare(R11, vectors.bytes);
    code.jumpIf("below", nextLanes);
    code.addNumber(R10, 24);
    code.load(RAX, at(R10));
    code.compare(RAX, END);
    code.jumpIf("notZero", nextPair);
    code.load(RDI, at(R14));
    code.multiply(RSI, RDI, imageSteps[0]);
    code.add(R12, RSI);
    code.multiply(RSI, RDI, imageSteps[1]);
    code.add(R13, RSI);
    code.addNumber(R14, 8);
    code.load(RDI, at(R14));
    code.compare(RDI, 0);
    code.jumpIf("notZero", nextChunk);
  });
  const chunkLists = ranges.map(({ count }) => [...evenly(count, chunk).map((piece) => piece.count), 0]);
  code.data(chunkTable, chunkLists.flat());
  let firstChunk = 0;
  const rangeEntries = ranges.map(({ first }, i) => {
    const start = firstChunk;
    firstChunk += 8 * chunkLists[i].length;
    const weights = groups * destinationBlocks * sourceBlocks * pairBytes;
    return [start, first * imageSteps[0], first * imageSteps[1], i * weights];
  });
  code.data(rangeTable, rangeEntries.flat());
  const pairs = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return [i * pairBytes, column * sourceBytes, row * destinationBytes];
  });
  code.data(pairTable, [...pairs.flat(), END]);
  code.data(rowTable, [...Array.from({ length: kernelHeight }, (_, row) => rowEntry(gradient, row)).flat(), END]);
  return code.code();
}

/**
 * How a group is shared out: whole, so that its images are read once, or where there are too few groups for the threads, by blocks
 * of the result, or by those of the source as well. Rows and columns are the blocks of a part.
 */
function splitOf({ groups, sourceBlocks, destinationBlocks, ranges, threads }: GroupedWeightsGradient) {
  const whole = { parts: 1, rows: destinationBlocks, columns: sourceBlocks };
  const byRows = { parts: destinationBlocks, rows: 1, columns: sourceBlocks };
  const single = { parts: destinationBlocks * sourceBlocks, rows: 1, columns: 1 };
  const isEven = (items: number) => items % threads === 0 || items >= 8 * threads;
  return [whole, byRows].find(({ parts }) => isEven(groups * parts * ranges)) ?? single;
}

/** Offsets of an entry's numbers in the table of ranges. */
const RANGE = { chunks: 0, source: 8, destination: 16, weights: 24, bytes: 32 } as const;

/** Of a row of the window: how many rows of the result meet the source, where the first lies in both. */
function rowEntry(
  { source, destination, stride, padding, vectors }: GroupedWeightsGradient,
  kernelRow: number,
): number[] {
  const first = Math.max(0, Math.ceil((padding - kernelRow) / stride));
  const last = Math.min(destination[0] - 1, Math.floor((source[0] - 1 + padding - kernelRow) / stride));
  const sourceRow = first * stride + kernelRow - padding;
  return [Math.max(0, last - first + 1), sourceRow * source[1] * vectors.bytes, first * destination[1] * vectors.bytes];
}

/** Each sum's register and place among the weights. */
function sums(
  vectors: Vectors,
  kernelWidth: number,
  lanes: number,
  each: (register: number, place: number) => void,
): void {
  for (let column = 0; column < kernelWidth; column++) {
    for (let lane = 0; lane < lanes; lane++) each(column * lanes + lane, column * vectors.tap + lane * vectors.bytes);
  }
}

/** Adds the products of a row of the source (RAX) and one of the result's gradient (RCX). */
function emitRow(
  code: Assembler,
  { source, destination, kernel: [, kernelWidth], stride, padding }: GroupedWeightsGradient,
  lanes: number,
): void {
  const { vectors } = code;
  let loaded = -1;
  for (let column = 0; column < source[1]; column++) {
    const met = Array.from({ length: kernelWidth }, (_, kernelColumn) => ({
      kernelColumn,
      place: (column + padding - kernelColumn) / stride,
    })).filter(({ place }) => Number.isInteger(place) && place >= 0 && place < destination[1]);
    const registerOf = (place: number) => vectors.accumulators + (place % WIDEST_KERNEL);
    for (const { place } of met.toReversed()) {
      if (place <= loaded) continue;
      code.loadVector(registerOf(place), at(RCX, place * vectors.bytes));
      loaded = place;
    }
    if (met.length === 0) continue;
    for (let lane = 0; lane < lanes; lane++) {
      code.broadcast(vectors.source, at(RAX, column * vectors.bytes + 4 * lane));
      for (const { kernelColumn, place } of met)
        code.multiplyAdd(kernelColumn * lanes + lane, vectors.source, registerOf(place));
    }
  }
}
