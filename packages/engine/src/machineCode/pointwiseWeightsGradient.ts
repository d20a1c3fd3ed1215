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
import { ACCUMULATORS, ARGUMENTS, LANES, MOST_BLOCKS, SOURCE, TAP, VECTOR } from "./blocks.js";
import { eachOf, eachSize } from "./items.js";
import { evenly } from "./parts.js";

const HALF = LANES / 2;
/** The result's gradient that stays in the first cache while all channels of the source pass by. */
const FIRST_CACHE = 16 * 1024;
/** Items that threads can share out evenly. */
const ITEMS = 32;
/** Places written out one after the other. */
const UNROLLED = 8;

/** The gradient of a 1×1 convolution's weights, of stride 1, on channel blocks of 8. */
export interface PointwiseWeightsGradient {
  readonly images: number;
  readonly places: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  /** Parts of the images; the gradient by each is written behind that by the one before. */
  readonly ranges: number;
  /** Threads that are expected. */
  readonly threads: number;
}

/** Machine code as of `groupedWeightsGradientCode`. */
export function pointwiseWeightsGradientCode(gradient: PointwiseWeightsGradient): Uint8Array {
  const { places, sourceBlocks, destinationBlocks } = gradient;
  const code = new Assembler();
  const chunks = evenly(destinationBlocks, MOST_BLOCKS);
  const most = Math.max(1, Math.floor(sourceBlocks / Math.ceil(ITEMS / (chunks.length * gradient.ranges))));
  const spans = evenly(sourceBlocks, most);
  const ranges = evenly(gradient.images, Math.ceil(gradient.images / gradient.ranges));
  const [partTable, spanTable, rangeTable] = Array.from({ length: 3 }, () => code.label());

  eachOf(code, ranges.length * chunks.length * spans.length, gradient.threads, () => {
    code.set(RDX, 0);
    code.set(RCX, spans.length);
    code.divide(RCX);
    code.multiply(RDX, RDX, 16);
    code.addressOf(R14, spanTable);
    code.add(R14, RDX);
    // R14: the first block of the source, and how many.
    code.load(RCX, at(R14, 8));
    code.push(RCX);
    code.load(RCX, at(R14));
    code.multiply(R12, RCX, places * VECTOR);
    code.addMemory(R12, at(RBX, ARGUMENTS.source));
    code.multiply(R15, RCX, TAP);
    code.addMemory(R15, at(RBX, ARGUMENTS.weights));
    code.set(RDX, 0);
    code.set(RCX, chunks.length);
    code.divide(RCX);
    code.move(R10, RDX);
    // R8: where the range's images and gradient start, and its parts.
    code.multiply(RAX, RAX, RANGE.bytes);
    code.addressOf(R8, rangeTable);
    code.add(R8, RAX);
    code.addMemory(R12, at(R8, RANGE.source));
    code.addMemory(R15, at(R8, RANGE.weights));
    eachSize(code, R10, chunks, ({ first, count }) => {
      code.multiply(R13, R10, count * places * VECTOR);
      code.addNumber(R13, first * places * VECTOR);
      code.addMemory(R13, at(RBX, ARGUMENTS.destination));
      code.addMemory(R13, at(R8, RANGE.destination));
      code.multiply(RCX, R10, count * sourceBlocks * TAP);
      code.addNumber(RCX, first * sourceBlocks * TAP);
      code.add(R15, RCX);
      emitChunk(code, gradient, count, partTable);
    });
    code.pop(RAX);
  });
  const entries = ranges.map(({ count }) => partEntries(partsOf(count, places, chunks[0].count), gradient));
  code.data(partTable, entries.flat());
  code.data(
    spanTable,
    spans.flatMap(({ first, count }) => [first, count]),
  );
  let firstPart = 0;
  const rangeEntries = ranges.map(({ first }, i) => {
    const start = firstPart;
    firstPart += 8 * entries[i].length;
    const passed = first * places * VECTOR;
    return [start, passed * sourceBlocks, passed * destinationBlocks, i * sourceBlocks * destinationBlocks * TAP];
  });
  code.data(rangeTable, rangeEntries.flat());
  return code.code();
}

/** What passes through the first cache at once: some images, or some places of one. */
interface Part {
  readonly images: number;
  readonly start: number;
  readonly places: number;
}

/** Offsets of an entry's numbers in the table of ranges. */
const RANGE = { parts: 0, source: 8, destination: 16, weights: 24, bytes: 32 } as const;

function partsOf(images: number, places: number, blocks: number): Part[] {
  const most = Math.max(UNROLLED, Math.floor(FIRST_CACHE / (blocks * VECTOR)));
  if (places <= most) {
    return evenly(images, Math.floor(most / places)).map(({ count }) => ({ images: count, start: 0, places }));
  }
  const ofImage = evenly(Math.ceil(places / UNROLLED), Math.floor(most / UNROLLED)).map(({ first, count }) => {
    const start = first * UNROLLED;
    return { images: 1, start, places: Math.min(count * UNROLLED, places - start) };
  });
  return Array.from({ length: images }, () => ofImage).flat();
}

/** Offsets of an entry's numbers in the table of parts. */
const PART = {
  images: 0,
  start: 8,
  runs: 16,
  singles: 24,
  isNext: 32,
  source: 40,
  destination: 48,
  bytes: 56,
} as const;

function partEntries(
  parts: readonly Part[],
  { places, sourceBlocks, destinationBlocks }: PointwiseWeightsGradient,
): number[] {
  const entries = parts.map((part, i) => {
    // The bases move on once an image is done.
    const passed = part.start + part.places === places ? part.images * places * VECTOR : 0;
    return [
      part.images,
      part.start * VECTOR,
      Math.floor(part.places / UNROLLED),
      part.places % UNROLLED,
      i,
      passed * sourceBlocks,
      passed * destinationBlocks,
    ];
  });
  return [...entries.flat(), 0];
}

/** Weights R15 of some blocks, whose gradient is R13, from the blocks of the source that start at R12, as the stack counts them. */
function emitChunk(code: Assembler, gradient: PointwiseWeightsGradient, blocks: number, partTable: Label): void {
  const { places, sourceBlocks, destinationBlocks } = gradient;
  const [nextPart, nextBlock, nextHalf, nextImage] = Array.from({ length: 4 }, () => code.label());
  const [load, summing, nextRun, noRun, nextSingle, noSingle] = Array.from({ length: 6 }, () => code.label());
  const sums = (action: (register: number, offset: number) => void) => {
    for (let block = 0; block < blocks; block++) {
      for (let lane = 0; lane < HALF; lane++) action(block * HALF + lane, block * sourceBlocks * TAP + lane * VECTOR);
    }
  };
  code.addressOf(R14, partTable);
  code.addMemory(R14, at(R8, RANGE.parts));
  code.bind(nextPart);
  code.move(R8, R12);
  code.addMemory(R8, at(R14, PART.start));
  code.move(R9, R15);
  code.load(R10, at(RSP));
  code.bind(nextBlock);
  code.set(R11, 0);
  code.bind(nextHalf);
  code.multiply(RBP, R11, LANES);
  code.add(RBP, R9);
  code.load(RAX, at(R14, PART.isNext));
  code.compare(RAX, 0);
  code.jumpIf("notZero", load);
  sums((register) => code.clear(register));
  code.jump(summing);
  code.bind(load);
  sums((register, offset) => code.loadVector(register, at(RBP, offset)));
  code.bind(summing);
  code.address(RSI, at(R8));
  code.add(RSI, R11);
  code.move(RDI, R13);
  code.addMemory(RDI, at(R14, PART.start));
  code.load(RBP, at(R14, PART.images));
  code.bind(nextImage);
  code.move(RAX, RSI);
  code.move(RDX, RDI);
  for (const [count, unrolled, next, none] of [
    [PART.runs, UNROLLED, nextRun, noRun],
    [PART.singles, 1, nextSingle, noSingle],
  ] as const) {
    code.load(RCX, at(R14, count));
    code.compare(RCX, 0);
    code.jumpIf("zero", none);
    code.bind(next);
    for (let place = 0; place < unrolled; place++) emitPlace(code, blocks, place, places);
    code.addNumber(RAX, unrolled * VECTOR);
    code.addNumber(RDX, unrolled * VECTOR);
    code.decrement(RCX);
    code.jumpIf("notZero", next);
    code.bind(none);
  }
  code.addNumber(RSI, sourceBlocks * places * VECTOR);
  code.addNumber(RDI, destinationBlocks * places * VECTOR);
  code.decrement(RBP);
  code.jumpIf("notZero", nextImage);
  code.multiply(RBP, R11, LANES);
  code.add(RBP, R9);
  sums((register, offset) => code.storeVector(at(RBP, offset), register));
  code.addNumber(R11, 4 * HALF);
  code.compare(R11, VECTOR);
  code.jumpIf("below", nextHalf);
  code.addNumber(R8, places * VECTOR);
  code.addNumber(R9, TAP);
  code.decrement(R10);
  code.jumpIf("notZero", nextBlock);
  code.addMemory(R12, at(R14, PART.source));
  code.addMemory(R13, at(R14, PART.destination));
  code.addNumber(R14, PART.bytes);
  code.load(RAX, at(R14, PART.images));
  code.compare(RAX, 0);
  code.jumpIf("notZero", nextPart);
}

/** Adds the products of one place of the source (RAX) and of the result's gradient (RDX). */
function emitPlace(code: Assembler, blocks: number, place: number, places: number): void {
  for (let block = 0; block < blocks; block++) {
    code.loadVector(ACCUMULATORS + block, at(RDX, (block * places + place) * VECTOR));
  }
  for (let lane = 0; lane < HALF; lane++) {
    code.broadcast(SOURCE, at(RAX, place * VECTOR + 4 * lane));
    for (let block = 0; block < blocks; block++) code.multiplyAdd(block * HALF + lane, SOURCE, ACCUMULATORS + block);
  }
}
