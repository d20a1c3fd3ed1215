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
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
} from "./assembler.js";
import { ARGUMENTS, type Target, type Vectors } from "./blocks.js";
import { eachOf, eachSize, inRuns } from "./items.js";
import { evenly } from "./parts.js";

/** Bytes of the result's gradient that stay in the first cache while all rows of the window pass by. */
const FIRST_CACHE = 16 * 1024;
/** Places written out one after the other. */
const UNROLLED = 4;
/** The registers of the source's numbers at a place, one for each column of the window, lie between sums and the last one, which the result's gradient takes. */
export function widestWindow({ source, accumulators }: Vectors): number {
  return source - accumulators;
}

const END = -1;

/**
 * The gradient of the weights of a convolution over plain images, [N, C, height, width], of few channels: what networks begin with.
 * The result's gradient is in channel blocks; weights' first dimension is, with any strides.
 */
export interface ImageWeightsGradient extends Target {
  readonly images: number;
  readonly channels: number;
  readonly destinationBlocks: number;
  readonly source: readonly [height: number, width: number];
  readonly destination: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride: number;
  readonly padding: number;
  /** Numbers from one to the next: block of the destination, channel, row and column of the window. */
  readonly weightStrides: readonly [block: number, channel: number, row: number, column: number];
  /** Parts of the images; the gradient by each is written behind that by the one before. */
  readonly ranges: number;
}

/** Machine code as of `groupedWeightsGradientCode`. */
export function imageWeightsGradientCode(gradient: ImageWeightsGradient): Uint8Array {
  const { vectors } = gradient;
  const { images, channels, destinationBlocks, kernel, source, destination, weightStrides } = gradient;
  const code = new Assembler(vectors);
  const [rowTable, rangeTable] = [code.label(), code.label()];
  const mostBlocks = Math.floor(vectors.accumulators / kernel[1]);
  const chunks = evenly(destinationBlocks, mostBlocks);
  const ranges = evenly(images, Math.ceil(images / gradient.ranges));
  const [sourceBytes, destinationBytes] = [4 * area(source), vectors.bytes * area(destination)];
  const weightBytes = destinationBlocks * channels * area(kernel) * vectors.bytes;

  eachOf(code, ranges.length * chunks.length, gradient.threads, () => {
    code.set(RDX, 0);
    code.set(RCX, chunks.length);
    code.divide(RCX);
    code.move(R10, RDX);
    // R9: how many images; R15, RSI, RDI: where weights, source and the result's gradient start.
    code.multiply(R15, RAX, weightBytes);
    code.addMemory(R15, at(RBX, ARGUMENTS.weights));
    code.multiply(RAX, RAX, RANGE.bytes);
    code.addressOf(R8, rangeTable);
    code.add(R8, RAX);
    code.load(R9, at(R8, RANGE.images));
    code.load(RSI, at(R8, RANGE.source));
    code.addMemory(RSI, at(RBX, ARGUMENTS.source));
    code.load(RDI, at(R8, RANGE.destination));
    code.addMemory(RDI, at(RBX, ARGUMENTS.destination));
    eachSize(code, R10, chunks, ({ first, count }) => {
      code.multiply(RCX, R10, count * destinationBytes);
      code.addNumber(RCX, first * destinationBytes);
      code.add(RDI, RCX);
      code.multiply(RCX, R10, count * 4 * weightStrides[0]);
      code.addNumber(RCX, first * 4 * weightStrides[0]);
      code.add(R15, RCX);
      emitChunk(code, gradient, count, rowTable);
    });
  });
  code.data(rowTable, [...rowEntries(gradient, chunks[0].count), END]);
  code.data(
    rangeTable,
    ranges.flatMap(({ first, count }) => [
      count,
      first * channels * sourceBytes,
      first * destinationBlocks * destinationBytes,
    ]),
  );
  return code.code();
}

/** Offsets of an entry's numbers in the table of ranges. */
const RANGE = { images: 0, source: 8, destination: 16, bytes: 24 } as const;

/** Offsets of an entry's numbers in the table of rows: how many, and where they start. */
const ROWS = { count: 0, source: 8, destination: 16, weights: 24, bytes: 32 } as const;

function area([height, width]: readonly [number, number]): number {
  return height * width;
}

/** For each band of rows of the destination, channel and row of the window: what rows meet. */
function rowEntries(gradient: ImageWeightsGradient, blocks: number): number[] {
  const { vectors } = gradient;
  const { channels, kernel, source, destination, stride, padding, weightStrides } = gradient;
  const rowBytes = destination[1] * vectors.bytes;
  const bands = evenly(destination[0], Math.max(1, Math.floor(FIRST_CACHE / (blocks * rowBytes))));
  return bands.flatMap((band) =>
    Array.from({ length: channels * kernel[0] }, (_, i) => {
      const [channel, row] = [Math.floor(i / kernel[0]), i % kernel[0]];
      const first = Math.max(band.first, Math.ceil((padding - row) / stride));
      const last = Math.min(band.first + band.count - 1, Math.floor((source[0] - 1 + padding - row) / stride));
      const sourceRow = first * stride + row - padding;
      const start = 4 * (channel * area(source) + sourceRow * source[1]);
      const weights = 4 * (channel * weightStrides[1] + row * weightStrides[2]);
      return first > last ? [] : [last - first + 1, start, first * rowBytes, weights];
    }).flat(),
  );
}

/** All images of a range for some blocks. */
function emitChunk(code: Assembler, gradient: ImageWeightsGradient, blocks: number, rowTable: Label): void {
  const { vectors } = code;
  const { channels, destinationBlocks, kernel, source, destination, stride, weightStrides } = gradient;
  const sets = Math.floor(vectors.accumulators / (blocks * kernel[1]));
  const registerOf = (set: number, block: number, column: number) => (set * blocks + block) * kernel[1] + column;
  const eachSum = (action: (block: number, column: number, offset: number) => void) => {
    for (let block = 0; block < blocks; block++) {
      for (let column = 0; column < kernel[1]; column++) {
        action(block, column, 4 * (block * weightStrides[0] + column * weightStrides[3]));
      }
    }
  };
  code.clear(0);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < kernel[0]; row++) {
      const start = 4 * (channel * weightStrides[1] + row * weightStrides[2]);
      eachSum((_, __, offset) => code.storeVector(at(R15, start + offset), 0));
    }
  }
  const [nextImage, nextEntry, nextRow, done] = Array.from({ length: 4 }, () => code.label());
  code.bind(nextImage);
  code.addressOf(R14, rowTable);
  code.bind(nextEntry);
  code.load(R10, at(R14, ROWS.count));
  code.compare(R10, END);
  code.jumpIf("zero", done);
  code.move(R12, RSI);
  code.addMemory(R12, at(R14, ROWS.source));
  code.move(R13, RDI);
  code.addMemory(R13, at(R14, ROWS.destination));
  code.move(R8, R15);
  code.addMemory(R8, at(R14, ROWS.weights));
  for (let register = 0; register < sets * blocks * kernel[1]; register++) code.clear(register);
  eachSum((block, column, offset) => code.loadVector(registerOf(0, block, column), at(R8, offset)));
  code.bind(nextRow);
  emitRow(code, gradient, blocks, (place, block, column) => registerOf(place % sets, block, column));
  code.addNumber(R12, 4 * stride * source[1]);
  code.addNumber(R13, vectors.bytes * destination[1]);
  code.decrement(R10);
  code.jumpIf("notZero", nextRow);
  eachSum((block, column, offset) => {
    const sum = registerOf(0, block, column);
    for (let set = 1; set < sets; set++) code.addVectors(sum, sum, registerOf(set, block, column));
    code.storeVector(at(R8, offset), sum);
  });
  code.addNumber(R14, ROWS.bytes);
  code.jump(nextEntry);
  code.bind(done);
  code.addNumber(RSI, 4 * channels * area(source));
  code.addNumber(RDI, vectors.bytes * destinationBlocks * area(destination));
  code.decrement(R9);
  code.jumpIf("notZero", nextImage);
}

/** Adds the products of a row of the source (R12) and one of the result's gradient (R13). */
function emitRow(
  code: Assembler,
  { kernel: [, kernelWidth], source, destination, stride, padding }: ImageWeightsGradient,
  blocks: number,
  registerOf: (place: number, block: number, column: number) => number,
): void {
  const { vectors } = code;
  const blockBytes = vectors.bytes * area(destination);
  const columnsAt = (place: number) =>
    Array.from({ length: kernelWidth }, (_, column) => column).filter((column) => {
      const met = place * stride + column - padding;
      return met >= 0 && met < source[1];
    });
  /** A place by its number from where the pointers are, `shift` being what the window begins before it. */
  const emitPlace = (place: number, columns: readonly number[], [x, dy]: readonly number[], shift: number) => {
    for (const column of columns) {
      code.broadcast(vectors.accumulators + column, at(x, 4 * (place * stride + column - shift)));
    }
    for (let block = 0; block < blocks; block++) {
      code.loadVector(vectors.source, at(dy, block * blockBytes + place * vectors.bytes));
      for (const column of columns)
        code.multiplyAdd(registerOf(place, block, column), vectors.source, vectors.accumulators + column);
    }
  };
  const isWhole = (place: number) => columnsAt(place).length === kernelWidth;
  const places = Array.from({ length: destination[1] }, (_, place) => place);
  const whole = places.filter(isWhole);
  for (const place of places) if (!isWhole(place)) emitPlace(place, columnsAt(place), [R12, R13], padding);
  if (whole.length === 0) return;
  code.address(RAX, at(R12, 4 * (whole[0] * stride - padding)));
  code.address(RCX, at(R13, whole[0] * vectors.bytes));
  inRuns(code, R11, whole.length, UNROLLED, (count) => {
    for (let place = 0; place < count; place++) emitPlace(place, columnsAt(whole[0]), [RAX, RCX], 0);
    code.addNumber(RAX, 4 * count * stride);
    code.addNumber(RCX, count * vectors.bytes);
  });
}
