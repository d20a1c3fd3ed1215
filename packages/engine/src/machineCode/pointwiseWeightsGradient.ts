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
import { eachOf, eachSize } from "./items.js";
import { evenly } from "./parts.js";

/** The result's gradient that stays in the first cache while all channels of the source pass by. */
const FIRST_CACHE = 16 * 1024;
/** Items that threads can share out evenly. */
const ITEMS = 32;
/** Places written out one after the other. */
const UNROLLED = 8;

/** The gradient of a 1×1 convolution's weights, without padding, on channel blocks. */
export interface PointwiseWeightsGradient extends Target {
  readonly images: number;
  readonly source: readonly [height: number, width: number];
  readonly destination: readonly [height: number, width: number];
  readonly stride: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  /** Parts of the images; the gradient by each is written behind that by the one before. */
  readonly ranges: number;
}

/** Machine code as of `groupedWeightsGradientCode`. */
export function pointwiseWeightsGradientCode(gradient: PointwiseWeightsGradient): Uint8Array {
  const { vectors } = gradient;
  const { sourceBlocks, destinationBlocks } = gradient;
  const [sourceBytes, destinationBytes] = [gradient.source, gradient.destination].map((map) => bytesOf(map, vectors));
  const code = new Assembler(vectors);
  const chunks = evenly(destinationBlocks, vectors.mostBlocks);
  const most = Math.max(1, Math.floor(sourceBlocks / Math.ceil(ITEMS / (chunks.length * gradient.ranges))));
  const spans = evenly(sourceBlocks, most);
  const ranges = evenly(gradient.images, Math.ceil(gradient.images / gradient.ranges));
  const lines = linesOf(gradient);
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
    code.multiply(R12, RCX, sourceBytes);
    code.addMemory(R12, at(RBX, ARGUMENTS.source));
    code.multiply(R15, RCX, vectors.tap);
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
      code.multiply(R13, R10, count * destinationBytes);
      code.addNumber(R13, first * destinationBytes);
      code.addMemory(R13, at(RBX, ARGUMENTS.destination));
      code.addMemory(R13, at(R8, RANGE.destination));
      code.multiply(RCX, R10, count * sourceBlocks * vectors.tap);
      code.addNumber(RCX, first * sourceBlocks * vectors.tap);
      code.add(R15, RCX);
      emitChunk(code, gradient, count, lines, partTable);
    });
    code.pop(RAX);
  });
  const entries = ranges.map(({ count }) =>
    partEntries(partsOf(count, lines, chunks[0].count, vectors), lines, gradient),
  );
  code.data(partTable, entries.flat());
  code.data(
    spanTable,
    spans.flatMap(({ first, count }) => [first, count]),
  );
  let firstPart = 0;
  const rangeEntries = ranges.map(({ first }, i) => {
    const start = firstPart;
    firstPart += 8 * entries[i].length;
    const weights = sourceBlocks * destinationBlocks * vectors.tap;
    return [start, first * sourceBlocks * sourceBytes, first * destinationBlocks * destinationBytes, i * weights];
  });
  code.data(rangeTable, rangeEntries.flat());
  return code.code();
}

function bytesOf([height, width]: readonly [number, number], { bytes }: Vectors): number {
  return height * width * bytes;
}

/** Neighbouring places of the destination whose places of the source are all equally far apart: rows, or a whole map. */
interface Lines {
  readonly count: number;
  readonly places: number;
  /** Bytes of a block of the source from one line to the next. */
  readonly sourceStep: number;
}

function linesOf({ source, destination: [height, width], stride, vectors }: PointwiseWeightsGradient): Lines {
  if (stride === 1) return { count: 1, places: height * width, sourceStep: 0 };
  return { count: height, places: width, sourceStep: stride * source[1] * vectors.bytes };
}

/** What passes through the first cache at once: some images, or some lines of one, or some places of its only line. */
interface Part {
  readonly images: number;
  readonly firstLine: number;
  readonly lines: number;
  readonly firstPlace: number;
  readonly places: number;
}

/** Offsets of an entry's numbers in the table of ranges. */
const RANGE = { parts: 0, source: 8, destination: 16, weights: 24, bytes: 32 } as const;

function partsOf(images: number, { count, places }: Lines, blocks: number, { bytes }: Vectors): Part[] {
  const most = Math.max(UNROLLED, Math.floor(FIRST_CACHE / (blocks * bytes)));
  const whole = { images: 1, firstLine: 0, lines: count, firstPlace: 0, places };
  if (count * places <= most) {
    const together = evenly(images, Math.floor(most / (count * places)));
    return together.map((piece) => ({ ...whole, images: piece.count }));
  }
  const ofImage =
    count > 1
      ? evenly(count, Math.max(1, Math.floor(most / places))).map((piece) => {
          return { ...whole, firstLine: piece.first, lines: piece.count };
        })
      : evenly(Math.ceil(places / UNROLLED), Math.floor(most / UNROLLED)).map((piece) => {
          const firstPlace = piece.first * UNROLLED;
          return { ...whole, firstPlace, places: Math.min(piece.count * UNROLLED, places - firstPlace) };
        });
  return Array.from({ length: images }, () => ofImage).flat();
}

/** Offsets of an entry's numbers in the table of parts. */
const PART = {
  images: 0,
  sourceStart: 8,
  destinationStart: 16,
  lines: 24,
  runs: 32,
  rest: 40,
  isNext: 48,
  source: 56,
  destination: 64,
  bytes: 72,
} as const;

function partEntries(
  parts: readonly Part[],
  lines: Lines,
  { source, destination, stride, sourceBlocks, destinationBlocks, vectors }: PointwiseWeightsGradient,
): number[] {
  const entries = parts.map((part, i) => {
    // The bases move on once an image is done.
    const isEnd = part.firstLine + part.lines === lines.count && part.firstPlace + part.places === lines.places;
    const passed = isEnd ? part.images : 0;
    return [
      part.images,
      part.firstLine * lines.sourceStep + part.firstPlace * stride * vectors.bytes,
      (part.firstLine * lines.places + part.firstPlace) * vectors.bytes,
      part.lines,
      Math.floor(part.places / UNROLLED),
      part.places % UNROLLED,
      i,
      passed * sourceBlocks * bytesOf(source, vectors),
      passed * destinationBlocks * bytesOf(destination, vectors),
    ];
  });
  return [...entries.flat(), 0];
}

/** Weights R15 of some blocks, whose gradient is R13, from the blocks of the source that start at R12, as the stack counts them. */
function emitChunk(
  code: Assembler,
  gradient: PointwiseWeightsGradient,
  blocks: number,
  lines: Lines,
  partTable: Label,
): void {
  const { vectors } = code;
  const half = vectors.lanes / 2;
  const { sourceBlocks, destinationBlocks, stride } = gradient;
  const [sourceBytes, destinationBytes] = [gradient.source, gradient.destination].map((map) => bytesOf(map, vectors));
  const [nextPart, nextBlock, nextHalf, nextImage] = Array.from({ length: 4 }, () => code.label());
  const [load, summing, nextLine, nextRun, noRun, noRest] = Array.from({ length: 6 }, () => code.label());
  const sums = (action: (register: number, offset: number) => void) => {
    for (let block = 0; block < blocks; block++) {
      for (let lane = 0; lane < half; lane++)
        action(block * half + lane, block * sourceBlocks * vectors.tap + lane * vectors.bytes);
    }
  };
  code.addressOf(R14, partTable);
  code.addMemory(R14, at(R8, RANGE.parts));
  code.bind(nextPart);
  code.move(R8, R12);
  code.addMemory(R8, at(R14, PART.sourceStart));
  code.move(R9, R15);
  code.load(R10, at(RSP));
  code.bind(nextBlock);
  code.set(R11, 0);
  code.bind(nextHalf);
  code.multiply(RBP, R11, vectors.lanes);
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
  code.addMemory(RDI, at(R14, PART.destinationStart));
  code.load(RBP, at(R14, PART.images));
  code.bind(nextImage);
  code.move(RAX, RSI);
  code.move(RDX, RDI);
  const places = (count: number) => {
    for (let place = 0; place < count; place++) emitPlace(code, blocks, place * stride, place, destinationBytes);
    code.addNumber(RAX, count * stride * vectors.bytes);
    code.addNumber(RDX, count * vectors.bytes);
  };
  if (lines.count > 1) {
    code.load(RCX, at(R14, PART.lines));
    code.push(RCX);
    code.bind(nextLine);
  }
  if (lines.places >= UNROLLED) {
    code.load(RCX, at(R14, PART.runs));
    code.compare(RCX, 0);
    code.jumpIf("zero", noRun);
    code.bind(nextRun);
    places(UNROLLED);
    code.decrement(RCX);
    code.jumpIf("notZero", nextRun);
    code.bind(noRun);
  }
  if (lines.places % UNROLLED > 0) {
    code.load(RCX, at(R14, PART.rest));
    code.compare(RCX, 0);
    code.jumpIf("zero", noRest);
    places(lines.places % UNROLLED);
    code.bind(noRest);
  }
  if (lines.count > 1) {
    code.addNumber(RAX, lines.sourceStep - lines.places * stride * vectors.bytes);
    code.load(RCX, at(RSP));
    code.decrement(RCX);
    code.store(at(RSP), RCX);
    code.jumpIf("notZero", nextLine);
    code.pop(RCX);
  }
  code.addNumber(RSI, sourceBlocks * sourceBytes);
  code.addNumber(RDI, destinationBlocks * destinationBytes);
  code.decrement(RBP);
  code.jumpIf("notZero", nextImage);
  code.multiply(RBP, R11, vectors.lanes);
  code.add(RBP, R9);
  sums((register, offset) => code.storeVector(at(RBP, offset), register));
  code.addNumber(R11, 4 * half);
  code.compare(R11, vectors.bytes);
  code.jumpIf("below", nextHalf);
  code.addNumber(R8, sourceBytes);
  code.addNumber(R9, vectors.tap);
  code.decrement(R10);
  code.jumpIf("notZero", nextBlock);
  code.addMemory(R12, at(R14, PART.source));
  code.addMemory(R13, at(R14, PART.destination));
  code.addNumber(R14, PART.bytes);
  code.load(RAX, at(R14, PART.images));
  code.compare(RAX, 0);
  code.jumpIf("notZero", nextPart);
}

/** Adds the products of a place of the source, from RAX on, and of one of the result's gradient, from RDX on. */
function emitPlace(code: Assembler, blocks: number, source: number, place: number, blockBytes: number): void {
  const { vectors } = code;
  const half = vectors.lanes / 2;
  for (let block = 0; block < blocks; block++) {
    code.loadVector(vectors.accumulators + block, at(RDX, block * blockBytes + place * vectors.bytes));
  }
  for (let lane = 0; lane < half; lane++) {
    code.broadcast(vectors.source, at(RAX, source * vectors.bytes + 4 * lane));
    for (let block = 0; block < blocks; block++)
      code.multiplyAdd(block * half + lane, vectors.source, vectors.accumulators + block);
  }
}
