import { Assembler, at, type Memory, R8, R9, R10, R11, RAX, RBX, RCX, RDI, RDX, RSI } from "./assembler.js";
import { fixed, INVERSE_COUNT, inverseDeviation } from "./batchNorm.js";
import { AVX512, type Target } from "./blocks.js";
import { eachOf, eachSize, inRuns } from "./items.js";
import { evenly, type Piece, type Run } from "./parts.js";

/** Bytes of an image's part: what passes through a thread's caches at once. */
const PART = 64 * 1024;
/** Vectors of channels that are computed together. */
const MOST_VECTORS = 4;
/** Sums of one kind that are added up side by side. */
const SUMS = { training: 8, backward: 4 } as const;
/** Bytes of a vector's numbers as bfloat16. */
const HALF = AVX512.bytes / 2;

/** The first of the registers that hold the same for all places, one for each vector of channels; below them scratch ones. */
const FIXED = 10;
const ZERO = 9;
/** Registers of one place; the next place takes others. */
const SCRATCH = 9;

/**
 * A batch norm on images of bfloat16 with channels last, [places, C], all else being float32. Threads share out the places, so that
 * it takes two kernels, one after the other: sums by parts of the places, then what follows from them.
 */
export interface PlacewiseBatchNorm extends Target {
  /** Of all images. */
  readonly places: number;
  /** A multiple of 16. */
  readonly channels: number;
  readonly epsilon: number;
  /** Whether a ReLU follows. */
  readonly relu: boolean;
}

/** Where the arguments lie in what a kernel is handed: addresses. */
const ARGUMENTS = {
  source: 8,
  scale: 16,
  shift: 24,
  mean: 32,
  variance: 40,
  sums: 48,
  result: 56,
  addend: 64,
} as const;
const GRADIENTS = { destination: 56, source: 64, scale: 72, shift: 80, result: 88 } as const;

/** How many numbers the sums take: two for each channel and part. */
export function placewiseSums(norm: PlacewiseBatchNorm): number {
  return 2 * norm.channels * partsOf(norm).length;
}

/**
 * Machine code for sums of differences to the first place's numbers, and of their squares: reads `source`, writes `sums`.
 */
export function placewiseStatisticsCode(norm: PlacewiseBatchNorm): Uint8Array {
  return partwise(norm, (code, part, chunk) => {
    const { count } = chunk;
    const unrolled = Math.max(1, Math.floor(SUMS.training / count));
    const origins = FIXED + 2 * SUMS.training;
    pointAt(code, RDX, ARGUMENTS.source, chunk, HALF);
    for (let i = 0; i < count; i++) code.loadBrainFloat(origins + i, at(RDX, i * HALF));
    const sums = sumsOf(code, unrolled * count, SUMS.training);
    eachPlace(code, norm, part, chunk, [[RSI, ARGUMENTS.source]], unrolled, (place, offsetOf) => {
      for (let i = 0; i < count; i++) {
        const [value, sum] = [i % SCRATCH, place * count + i];
        code.loadBrainFloat(value, offsetOf(RSI, i));
        code.subtractVectors(value, value, origins + i);
        code.addVectors(sums.first + sum, sums.first + sum, value);
        code.multiplyAdd(sums.second + sum, value, value);
      }
    });
    storeSums(code, norm, chunk, sums, unrolled);
  });
}

/** Machine code that computes mean and variance (biased) from the sums, keeps them and normalises by them. */
export function placewiseNormaliseCode(norm: PlacewiseBatchNorm, adds: boolean): Uint8Array {
  return partwise(norm, (code, part, chunk) => {
    const { count } = chunk;
    const [mean, factor, shift] = [0, 1, 2].map((kind) => FIXED + kind * MOST_VECTORS);
    loadSums(code, norm, chunk, mean, factor);
    pointAt(code, RDX, ARGUMENTS.source, chunk, HALF);
    code.clear(ZERO);
    for (let i = 0; i < count; i++) {
      const [offset, origin] = [1, 2];
      code.multiplyVectors(offset, mean + i, fixed(code, INVERSE_COUNT));
      code.loadBrainFloat(origin, at(RDX, i * HALF));
      code.addVectors(mean + i, origin, offset);
      code.multiplyVectors(offset, offset, offset);
      code.multiplyVectors(factor + i, factor + i, fixed(code, INVERSE_COUNT));
      code.subtractVectors(factor + i, factor + i, offset);
      code.maximum(factor + i, ZERO, factor + i);
    }
    onFirstPart(code, () => {
      storeChannels(code, ARGUMENTS.mean, chunk, mean);
      storeChannels(code, ARGUMENTS.variance, chunk, factor);
    });
    scaleOverDeviation(code, chunk, factor);
    loadChannels(code, ARGUMENTS.shift, chunk, shift);
    normalise(code, norm, part, chunk, { mean, factor, shift }, adds);
  });
}

/** Machine code that normalises by statistics that are given; it reads no sums. */
export function placewiseInferenceCode(norm: PlacewiseBatchNorm): Uint8Array {
  return partwise(norm, (code, part, chunk) => {
    normalise(code, norm, part, chunk, loadNorm(code, chunk), false);
  });
}

/** Machine code for sums of the result's gradient where the ReLU was on, and of its products with differences to the mean. */
export function placewiseGradientSumsCode(norm: PlacewiseBatchNorm): Uint8Array {
  return partwise(norm, (code, part, chunk) => {
    const { count } = chunk;
    const unrolled = Math.max(1, Math.floor(SUMS.backward / count));
    const known = loadNorm(code, chunk);
    const sums = sumsOf(code, unrolled * count, SUMS.backward, FIXED + 3 * MOST_VECTORS);
    eachPlace(code, norm, part, chunk, GRADIENT_POINTERS, unrolled, (place, offsetOf) => {
      for (let i = 0; i < count; i++) {
        const sum = place * count + i;
        const { difference, dy } = gradientAt(code, norm, known, i, sum, offsetOf);
        code.addVectors(sums.first + sum, sums.first + sum, dy);
        code.multiplyAdd(sums.second + sum, difference, dy);
      }
    });
    storeSums(code, norm, chunk, sums, unrolled);
  });
}

/**
 * Machine code for the gradients of source, scale and shift from those sums. Whether the ReLU was on is computed again, in the same
 * way. The source's gradient may lie where the result's does.
 *
 * @param makesResult whether the result is made again as well
 */
export function placewiseGradientCode(norm: PlacewiseBatchNorm, makesResult: boolean): Uint8Array {
  return partwise(norm, (code, part, chunk) => {
    const { count } = chunk;
    const [sum, product] = [3, 4].map((kind) => FIXED + kind * MOST_VECTORS);
    loadSums(code, norm, chunk, sum, product);
    // The scale's gradient: product / deviation. Then dx = factor · (dy − sum / count − difference · product / (variance · count)).
    const deviation = FIXED;
    loadChannels(code, ARGUMENTS.variance, chunk, deviation);
    for (let i = 0; i < count; i++) {
      inverseDeviation(code, deviation + i);
      code.multiplyVectors(product + i, product + i, deviation + i);
    }
    onFirstPart(code, () => {
      storeChannels(code, GRADIENTS.shift, chunk, sum);
      storeChannels(code, GRADIENTS.scale, chunk, product);
    });
    for (let i = 0; i < count; i++) code.multiplyVectors(product + i, product + i, deviation + i);
    const known = loadNorm(code, chunk);
    for (let i = 0; i < count; i++) {
      code.multiplyVectors(sum + i, sum + i, known.factor + i);
      code.multiplyVectors(product + i, product + i, known.factor + i);
      for (const term of [sum + i, product + i]) {
        code.multiplyVectors(term, term, fixed(code, INVERSE_COUNT));
        code.subtractVectors(term, ZERO, term);
      }
    }
    const results: Pointer[] = makesResult ? [[RAX, GRADIENTS.result]] : [];
    const pointers: Pointer[] = [...GRADIENT_POINTERS, [R8, GRADIENTS.source], ...results];
    eachPlace(code, norm, part, chunk, pointers, 2, (place, offsetOf) => {
      for (let i = 0; i < count; i++) {
        const { difference, dy, value } = gradientAt(code, norm, known, i, place * count + i, offsetOf);
        if (makesResult) {
          code.moveVector(value, difference);
          code.scaleAdd(value, known.factor + i, known.shift + i);
          if (norm.relu) code.maximum(value, ZERO, value);
          code.storeBrainFloat(offsetOf(RAX, i), value);
        }
        code.scaleAdd(dy, known.factor + i, sum + i);
        code.multiplyAdd(dy, difference, product + i);
        code.storeBrainFloat(offsetOf(R8, i), dy);
      }
    });
  });
}

/** A register that goes through places, and the argument it goes through. */
type Pointer = readonly [register: number, argument: number];

const GRADIENT_POINTERS: readonly Pointer[] = [
  [RSI, ARGUMENTS.source],
  [RDI, GRADIENTS.destination],
];

function partsOf({ places, channels }: PlacewiseBatchNorm): Piece[] {
  return evenly(places, Math.max(1, Math.floor(PART / (2 * channels))));
}

/** A kernel whose items are parts of the places: their number is in R10, constants lie from R11 on. */
function partwise(norm: PlacewiseBatchNorm, body: (code: Assembler, part: Run, channels: Piece) => void): Uint8Array {
  const { places, channels, epsilon, vectors, threads } = norm;
  const code = new Assembler(vectors);
  const constants = code.label();
  const parts = partsOf(norm);
  eachOf(code, parts.length, threads, () => {
    code.move(R10, RAX);
    code.addressOf(R11, constants);
    eachSize(code, RAX, parts, (part) => {
      // R9: places before the part.
      code.multiply(R9, RAX, part.count);
      code.addNumber(R9, part.first);
      for (const chunk of evenly(channels / vectors.lanes, MOST_VECTORS)) body(code, part, chunk);
    });
  });
  code.vectorData(constants, [1 / places, epsilon, 1]);
  return code.code();
}

/** `to` = where some channels start in an argument whose vectors take so many bytes. */
function pointAt(code: Assembler, to: number, argument: number, { first }: Piece, bytes: number): void {
  code.load(to, at(RBX, argument));
  code.addNumber(to, first * bytes);
}

function loadChannels(code: Assembler, argument: number, chunk: Piece, to: number): void {
  const { bytes } = code.vectors;
  pointAt(code, RDX, argument, chunk, bytes);
  for (let i = 0; i < chunk.count; i++) code.loadVector(to + i, at(RDX, i * bytes));
}

function storeChannels(code: Assembler, argument: number, chunk: Piece, from: number): void {
  const { bytes } = code.vectors;
  pointAt(code, RDX, argument, chunk, bytes);
  for (let i = 0; i < chunk.count; i++) code.storeVector(at(RDX, i * bytes), from + i);
}

/** What is done once, not for each part. */
function onFirstPart(code: Assembler, body: () => void): void {
  const other = code.label();
  code.compare(R10, 0);
  code.jumpIf("notZero", other);
  body();
  code.bind(other);
}

/** The registers of two kinds of sums, the first of each; several of a kind belong to one vector of channels. */
interface Sums {
  readonly first: number;
  readonly second: number;
}

function sumsOf(code: Assembler, count: number, most: number, first = FIXED): Sums {
  const sums = { first, second: first + most };
  for (let i = 0; i < count; i++) for (const sum of [sums.first, sums.second]) code.clear(sum + i);
  return sums;
}

/** Writes a part's sums. */
function storeSums(
  code: Assembler,
  { channels }: PlacewiseBatchNorm,
  chunk: Piece,
  sums: Sums,
  unrolled: number,
): void {
  const { bytes } = code.vectors;
  code.multiply(RDX, R10, 8 * channels);
  code.addMemory(RDX, at(RBX, ARGUMENTS.sums));
  for (const [kind, first] of [sums.first, sums.second].entries()) {
    for (let i = 0; i < chunk.count; i++) {
      for (let place = 1; place < unrolled; place++) {
        code.addVectors(first + i, first + i, first + place * chunk.count + i);
      }
      code.storeVector(at(RDX, 4 * kind * channels + (chunk.first + i) * bytes), first + i);
    }
  }
}

/** Adds up the sums of all parts, the first to the last. */
function loadSums(code: Assembler, norm: PlacewiseBatchNorm, chunk: Piece, first: number, second: number): void {
  const { bytes } = code.vectors;
  const next = code.label();
  pointAt(code, RDX, ARGUMENTS.sums, chunk, bytes);
  for (let i = 0; i < chunk.count; i++) for (const sum of [first, second]) code.clear(sum + i);
  code.set(RCX, partsOf(norm).length);
  code.bind(next);
  for (const [kind, sum] of [first, second].entries()) {
    for (let i = 0; i < chunk.count; i++) {
      code.addVectors(sum + i, sum + i, at(RDX, 4 * kind * norm.channels + i * bytes));
    }
  }
  code.addNumber(RDX, 8 * norm.channels);
  code.decrement(RCX);
  code.jumpIf("notZero", next);
}

/** Variances become scale / √(variance + epsilon). */
function scaleOverDeviation(code: Assembler, chunk: Piece, factor: number): void {
  const { bytes } = code.vectors;
  pointAt(code, RDX, ARGUMENTS.scale, chunk, bytes);
  for (let i = 0; i < chunk.count; i++) {
    inverseDeviation(code, factor + i);
    code.multiplyVectors(factor + i, factor + i, at(RDX, i * bytes));
  }
}

/** The first of the registers of what normalises: means, factors and shifts. */
interface Known {
  readonly mean: number;
  readonly factor: number;
  readonly shift: number;
}

function loadNorm(code: Assembler, chunk: Piece): Known {
  const [mean, factor, shift] = [0, 1, 2].map((kind) => FIXED + kind * MOST_VECTORS);
  loadChannels(code, ARGUMENTS.mean, chunk, mean);
  loadChannels(code, ARGUMENTS.variance, chunk, factor);
  scaleOverDeviation(code, chunk, factor);
  loadChannels(code, ARGUMENTS.shift, chunk, shift);
  code.clear(ZERO);
  return { mean, factor, shift };
}

/** Code for the results of a part. */
function normalise(
  code: Assembler,
  norm: PlacewiseBatchNorm,
  part: Run,
  chunk: Piece,
  { mean, factor, shift }: Known,
  adds: boolean,
): void {
  const addend: Pointer[] = adds ? [[R8, ARGUMENTS.addend]] : [];
  const pointers: Pointer[] = [[RSI, ARGUMENTS.source], [RDI, ARGUMENTS.result], ...addend];
  eachPlace(code, norm, part, chunk, pointers, 2, (place, offsetOf) => {
    for (let i = 0; i < chunk.count; i++) {
      const [value, second] = [0, 1].map((kind) => (2 * (place * chunk.count + i) + kind) % (SCRATCH - 1));
      code.loadBrainFloat(value, offsetOf(RSI, i));
      code.subtractVectors(value, value, mean + i);
      code.scaleAdd(value, factor + i, shift + i);
      if (adds) {
        code.loadBrainFloat(second, offsetOf(R8, i));
        code.addVectors(value, value, second);
      }
      if (norm.relu) code.maximum(value, ZERO, value);
      code.storeBrainFloat(offsetOf(RDI, i), value);
    }
  });
}

/** Where a vector of channels lies at a place, past a pointer. */
type OffsetOf = (pointer: number, vector: number) => Memory;

/** The source's difference to the mean, and the result's gradient, 0 where the ReLU was off; `value` is free. */
function gradientAt(
  code: Assembler,
  { relu }: PlacewiseBatchNorm,
  { mean, factor, shift }: Known,
  vector: number,
  turn: number,
  offsetOf: OffsetOf,
): { difference: number; dy: number; value: number } {
  const [difference, dy, value] = [0, 1, 2].map((kind) => ((3 * turn) % SCRATCH) + kind);
  code.loadBrainFloat(difference, offsetOf(RSI, vector));
  code.subtractVectors(difference, difference, mean + vector);
  code.loadBrainFloat(dy, offsetOf(RDI, vector));
  if (relu) {
    code.moveVector(value, difference);
    code.scaleAdd(value, factor + vector, shift + vector);
    code.whereGreater(dy, value, ZERO, dy);
  }
  return { difference, dy, value };
}

/** Code for each place of a part, so many of them written out one after the other. */
function eachPlace(
  code: Assembler,
  { channels }: PlacewiseBatchNorm,
  part: Run,
  { first }: Piece,
  pointers: readonly Pointer[],
  unrolled: number,
  body: (place: number, offsetOf: OffsetOf) => void,
): void {
  const rowBytes = 2 * channels;
  for (const [register, argument] of pointers) {
    code.multiply(register, R9, rowBytes);
    code.addNumber(register, first * HALF);
    code.addMemory(register, at(RBX, argument));
  }
  inRuns(code, RCX, part.count, unrolled, (count) => {
    for (let place = 0; place < count; place++) {
      body(place, (pointer, vector) => at(pointer, place * rowBytes + vector * HALF));
    }
    for (const [register] of pointers) code.addNumber(register, count * rowBytes);
  });
}
