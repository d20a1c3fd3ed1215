import {
  Assembler,
  at,
  type Memory,
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
  RSI,
} from "./assembler.js";
import type { Target } from "./blocks.js";
import { eachOf, inRuns } from "./items.js";

/** Places written out one after the other. */
const UNROLLED = 4;
/** Bytes of a block of one image up to which the next image's is fetched ahead of its use. */
const SHORT = 4096;
const CACHE_LINE = 64;
/** How many bytes ahead of their use memory is fetched. */
const AHEAD = 2048;
/** Bytes of all images that a processor's second caches hold, for which fetching ahead only costs: with AVX-512 they are larger. */
const NEAR = { avx2: 0, avx512: 1024 * 1024 } as const;

/** A batch norm on channel blocks, [N, C/lanes, places, lanes]. */
export interface BatchNorm extends Target {
  readonly images: number;
  readonly places: number;
  readonly blocks: number;
  readonly epsilon: number;
  /** Whether a ReLU follows. */
  readonly relu: boolean;
}

/** Where the arguments lie in what a kernel is handed: addresses, after the counter of items taken. */
const ARGUMENTS = { source: 8, scale: 16, shift: 24, mean: 32, variance: 40 } as const;
const RESULT = 48;
const ADDEND = 56;
const GRADIENTS = { destination: 48, source: 56, scale: 64, shift: 72, result: 80 } as const;

/** Registers that hold the same for all places of a block of channels: a vector, one number a channel. */
const MEAN = 12;
const FACTOR = 13;
const SHIFT = 14;
const ZERO = 15;

/** Vectors beside the code, from R11 on, by their order. */
export const INVERSE_COUNT = 0;
const EPSILON = 1;
const ONE = 2;
const INVERSE_PLACES = 3;

/**
 * Machine code that computes mean and variance (biased), keeps them and normalises by them. Images are read once for both: sums
 * of x − s and of its squares, s being the first image's mean, lose no more digits than sums of differences to the mean itself do.
 * One thread does all of a block of channels, image by image.
 *
 * @param adds whether another image is added to the result, before the ReLU
 */
export function batchNormTrainingCode(norm: BatchNorm, adds: boolean): Uint8Array {
  return blockwise(norm, (code) => {
    const [offset, square, origin] = [8, 9, 10];
    const source = [[RSI, R12]] as const;
    sumOver(code, { ...norm, images: 1 }, source, [origin], (place, [sum]) =>
      code.addVectors(sum, sum, at(RSI, place)),
    );
    code.multiplyVectors(origin, origin, fixed(code, INVERSE_PLACES));
    sumOver(code, norm, source, [offset, square], (place, [sum, squares], [difference]) => {
      code.loadVector(difference, at(RSI, place));
      code.subtractVectors(difference, difference, origin);
      code.addVectors(sum, sum, difference);
      code.multiplyAdd(squares, difference, difference);
    });
    code.multiplyVectors(offset, offset, fixed(code, INVERSE_COUNT));
    code.addVectors(MEAN, origin, offset);
    store(code, ARGUMENTS.mean, MEAN);
    code.multiplyVectors(offset, offset, offset);
    code.multiplyVectors(square, square, fixed(code, INVERSE_COUNT));
    code.subtractVectors(FACTOR, square, offset);
    code.clear(ZERO);
    code.maximum(FACTOR, ZERO, FACTOR);
    store(code, ARGUMENTS.variance, FACTOR);
    normalise(code, norm, adds);
  });
}

/** Machine code that normalises by statistics that are given. */
export function batchNormInferenceCode(norm: BatchNorm): Uint8Array {
  return blockwise(norm, (code) => {
    load(code, MEAN, ARGUMENTS.mean);
    load(code, FACTOR, ARGUMENTS.variance);
    normalise(code, norm, false);
  });
}

/**
 * Machine code for the gradients of the source, the scale and the shift. Whether the ReLU was on is computed again, in the
 * same way. The source's gradient may lie where the result's does.
 *
 * @param makesResult whether the result is made again as well
 */
export function batchNormBackwardCode(norm: BatchNorm, makesResult: boolean): Uint8Array {
  const [sum, product] = [8, 9];
  return blockwise(norm, (code) => {
    load(code, MEAN, ARGUMENTS.mean);
    load(code, FACTOR, ARGUMENTS.variance);
    scaleOverDeviation(code);
    if (norm.relu || makesResult) load(code, SHIFT, ARGUMENTS.shift);
    code.clear(ZERO);
    placeAt(code, R13, GRADIENTS.destination, norm);
    const both = [
      [RSI, R12],
      [RDI, R13],
    ] as const;
    sumOver(code, norm, both, [sum, product], (offset, [partSum, partProduct], [difference, dy, mask]) => {
      gradientAt(code, norm, offset, difference, dy, mask);
      code.addVectors(partSum, partSum, dy);
      code.multiplyAdd(partProduct, difference, dy);
    });
    store(code, GRADIENTS.shift, sum);
    // The scale's gradient: product / deviation. Then dx = factor · (dy − sum / count − difference · product / (variance · count)).
    const deviation = 10;
    load(code, deviation, ARGUMENTS.variance);
    inverseDeviation(code, deviation);
    code.multiplyVectors(product, product, deviation);
    store(code, GRADIENTS.scale, product);
    for (const factor of [deviation, FACTOR]) code.multiplyVectors(product, product, factor);
    code.multiplyVectors(sum, sum, FACTOR);
    for (const term of [sum, product]) {
      code.multiplyVectors(term, term, fixed(code, INVERSE_COUNT));
      code.subtractVectors(term, ZERO, term);
    }
    placeAt(code, R14, GRADIENTS.source, norm);
    if (makesResult) placeAt(code, R15, GRADIENTS.result, norm);
    const results: Pointer[] = makesResult ? [[RAX, R15]] : [];
    eachPlace(code, norm, [...both, [R8, R14], ...results], (offset, unrolled) => {
      const first = 4 * (unrolled % 2);
      const [difference, dy, mask, result] = [first, first + 1, first + 2, first + 3];
      gradientAt(code, norm, offset, difference, dy, mask);
      if (makesResult) {
        code.moveVector(result, difference);
        code.scaleAdd(result, FACTOR, SHIFT);
        if (norm.relu) code.maximum(result, ZERO, result);
        code.storeVector(at(RAX, offset), result);
      }
      code.scaleAdd(dy, FACTOR, sum);
      code.multiplyAdd(dy, difference, product);
      code.storeVector(at(R8, offset), dy);
    });
  });
}

/** The frame of a kernel whose items are blocks of channels: R12 is the block's source, R10 its offset in vectors. */
function blockwise(norm: BatchNorm, body: (code: Assembler) => void): Uint8Array {
  const { vectors } = norm;
  const code = new Assembler(vectors);
  const constants = code.label();
  eachOf(code, norm.blocks, norm.threads, () => {
    code.multiply(R10, RAX, vectors.bytes);
    code.addressOf(R11, constants);
    placeAt(code, R12, ARGUMENTS.source, norm);
    body(code);
  });
  code.vectorData(constants, [1 / (norm.images * norm.places), norm.epsilon, 1, 1 / norm.places]);
  return code.code();
}

export function fixed({ vectors }: Assembler, constant: number): Memory {
  return at(R11, constant * vectors.bytes);
}

/** `to` = where the block starts in the image that an argument is. */
function placeAt(code: Assembler, to: number, argument: number, { places }: BatchNorm): void {
  code.multiply(to, R10, places);
  code.addMemory(to, at(RBX, argument));
}

/** The block's numbers of a vector. */
function load(code: Assembler, to: number, argument: number): void {
  code.load(RAX, at(RBX, argument));
  code.add(RAX, R10);
  code.loadVector(to, at(RAX));
}

function store(code: Assembler, argument: number, from: number): void {
  code.load(RAX, at(RBX, argument));
  code.add(RAX, R10);
  code.storeVector(at(RAX), from);
}

/** `register` = 1 / √(`register` + epsilon). */
export function inverseDeviation(code: Assembler, register: number): void {
  const one = 0;
  code.addVectors(register, register, fixed(code, EPSILON));
  code.squareRoot(register, register);
  code.loadVector(one, fixed(code, ONE));
  code.divideVectors(register, one, register);
}

/** `FACTOR`, a variance, becomes scale / √(variance + epsilon). */
function scaleOverDeviation(code: Assembler): void {
  inverseDeviation(code, FACTOR);
  load(code, 0, ARGUMENTS.scale);
  code.multiplyVectors(FACTOR, FACTOR, 0);
}

/** By the mean in `MEAN` and the variance in `FACTOR`. */
function normalise(code: Assembler, norm: BatchNorm, adds: boolean): void {
  scaleOverDeviation(code);
  load(code, SHIFT, ARGUMENTS.shift);
  code.clear(ZERO);
  placeAt(code, R13, RESULT, norm);
  if (adds) placeAt(code, R14, ADDEND, norm);
  const addend: Pointer[] = adds ? [[R8, R14]] : [];
  eachPlace(code, norm, [[RSI, R12], [RDI, R13], ...addend], (offset, unrolled) => {
    const value = unrolled;
    code.loadVector(value, at(RSI, offset));
    code.subtractVectors(value, value, MEAN);
    code.scaleAdd(value, FACTOR, SHIFT);
    if (adds) code.addVectors(value, value, at(R8, offset));
    if (norm.relu) code.maximum(value, ZERO, value);
    code.storeVector(at(RDI, offset), value);
  });
}

/** The source's difference to the mean, and the result's gradient (RDI), 0 where the ReLU was off. */
function gradientAt(
  code: Assembler,
  { relu }: BatchNorm,
  offset: number,
  difference: number,
  dy: number,
  mask: number,
): void {
  code.loadVector(difference, at(RSI, offset));
  code.subtractVectors(difference, difference, MEAN);
  if (!relu) {
    code.loadVector(dy, at(RDI, offset));
    return;
  }
  code.moveVector(mask, difference);
  code.scaleAdd(mask, FACTOR, SHIFT);
  code.whereGreater(dy, mask, ZERO, at(RDI, offset));
}

/** A register that goes through a block of images, and the one that says where the block starts. */
type Pointer = readonly [moving: number, start: number];

/** `sums` = what `add` sums up, each image by itself in two parts. Registers 4 to 7 hold the parts; 0 to 3 are free for it. */
function sumOver(
  code: Assembler,
  norm: BatchNorm,
  pointers: readonly Pointer[],
  sums: readonly number[],
  add: (offset: number, parts: readonly number[], free: readonly number[]) => void,
): void {
  const partsOf = (half: number) => sums.map((_, i) => 4 + 2 * i + half);
  for (const sum of sums) code.clear(sum);
  eachPlace(code, norm, pointers, (offset, unrolled) => add(offset, partsOf(unrolled % 2), [0, 1, 2, 3]), {
    before: () => {
      for (const part of [...partsOf(0), ...partsOf(1)]) code.clear(part);
    },
    after: () => {
      sums.forEach((sum, i) => {
        code.addVectors(partsOf(0)[i], partsOf(0)[i], partsOf(1)[i]);
        code.addVectors(sum, sum, partsOf(0)[i]);
      });
    },
  });
}

/** Code for each place of a block in all images: `body` finds it `offset` bytes past the pointers. */
function eachPlace(
  code: Assembler,
  { images, places, blocks }: BatchNorm,
  pointers: readonly Pointer[],
  body: (offset: number, unrolled: number) => void,
  image?: { readonly before: () => void; readonly after: () => void },
): void {
  const { vectors } = code;
  const nextImage = code.label();
  const imageBytes = blocks * places * vectors.bytes;
  // Caches look ahead within a block, but not to the next image's.
  const isNear = images * imageBytes <= NEAR[vectors.name];
  const ahead = places * vectors.bytes <= SHORT ? Math.ceil(AHEAD / (places * vectors.bytes)) * imageBytes : AHEAD;
  code.set(R9, images);
  for (const [moving, start] of pointers) code.move(moving, start);
  code.bind(nextImage);
  image?.before();
  inRuns(code, RCX, places, UNROLLED, (count) => {
    for (const [moving] of isNear ? [] : pointers) {
      for (let line = 0; line < count * vectors.bytes; line += CACHE_LINE) code.prefetch(at(moving, ahead + line));
    }
    for (let i = 0; i < count; i++) body(i * vectors.bytes, i);
    for (const [moving] of pointers) code.addNumber(moving, count * vectors.bytes);
  });
  image?.after();
  for (const [moving] of pointers) code.addNumber(moving, imageBytes - places * vectors.bytes);
  code.decrement(R9);
  code.jumpIf("notZero", nextImage);
}
