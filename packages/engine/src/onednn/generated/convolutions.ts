import { size } from "@regnet/core";
import type { Target, Vectors } from "../../machineCode/blocks.js";
import { groupedConvolutionCode, widestStride } from "../../machineCode/groupedConvolution.js";
import { groupedWeightsGradientCode, WIDEST_KERNEL } from "../../machineCode/groupedWeightsGradient.js";
import { imageWeightsGradientCode, widestWindow } from "../../machineCode/imageWeightsGradient.js";
import { pointwiseConvolutionCode } from "../../machineCode/pointwiseConvolution.js";
import { pointwiseWeightsGradientCode } from "../../machineCode/pointwiseWeightsGradient.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Window } from "../lower/convolutionSpecs.js";
import { blockingOf } from "../plan/layouts.js";
import type { Epilogue } from "./generatedKernel.js";
import { forwardTaps, gradientTaps, mapOf, type Shapes } from "./windows.js";

/** Items that threads can share out evenly. */
const ITEMS = 32;
/** Fewer rows are not worth an item of their own. */
const ROWS = 4;
/** Rows of a single image that are worth a thread of their own, and in how many parts it takes more of them. */
const ROWS_OF_THREAD = 7;
const BANDS = 2;
/** Columns of a row, which the gradient of weights is written out for one by one. */
const WIDEST_ROW = 128;
/** Bytes of images that a thread's cache holds. */
const LARGE = 2 ** 19;
/** Bytes of a part of them. */
const RANGE = 2 ** 18;
/** Parts of plain images. */
const IMAGE_RANGES = 16;
/** Channels of images that are not in blocks. */
const MOST_CHANNELS = 4;
/** Bytes of the gradients by all parts. */
const PARTIAL = 2 ** 19;
/** Weights to three blocks of the result: those of a whole group leave room in the first cache, or with AVX-512 in the second. */
const WIDEST_WEIGHTS = { avx2: 32 * 1024, avx512: 128 * 1024 } as const;

/** Code for a convolution with what follows it, where there is any. */
export function forwardCode(
  window: Window,
  shapes: Shapes,
  target: Target,
  epilogue: Epilogue,
): (() => Uint8Array) | undefined {
  if (isPointwise(window)) return () => pointwiseForward(window, shapes, target, epilogue);
  return fitsCache(shapes.sourceBlocks, shapes, target.vectors)
    ? () => groupedForward(window, shapes, target, epilogue)
    : undefined;
}

/** Code for the gradient of a convolution's source, where there is any. */
export function dataGradientCode(window: Window, shapes: Shapes, target: Target): (() => Uint8Array) | undefined {
  const fits =
    fitsCache(shapes.destinationBlocks, shapes, target.vectors) && window.strides[1] <= widestStride(target.vectors);
  return fits ? () => groupedDataGradient(window, shapes, target) : undefined;
}

/** Code for the gradient of a convolution's weights by so many parts of its images, where there is any. */
export function weightsGradientCode(
  window: Window,
  shapes: Shapes,
  target: Target,
  ranges: number,
): (() => Uint8Array) | undefined {
  if (isPlace(window)) return () => pointwiseWeightsGradient(window, shapes, target, ranges);
  return isWritable(window) ? () => groupedWeightsGradient(window, shapes, target, ranges) : undefined;
}

/** Code for the gradient of the weights of a convolution over plain images, where there is any. */
export function imageWeightsGradientOf(
  window: Window,
  weights: MemoryDescriptor,
  target: Target,
): { parts: number; code: () => Uint8Array } | undefined {
  const { x, y, strides, padding } = window;
  const blocking = blockingOf(weights);
  const { lanes } = target.vectors;
  const [outputs, channels, ...kernel] = window.weights;
  const isBlocked = blocking?.inner.length === 1 && blocking.inner[0].dim === 0 && blocking.inner[0].size === lanes;
  const isFull = weights.type === "f32" && weights.bytes === 4 * size(window.weights);
  if (!isBlocked || !isFull || weights.dims.join() !== window.weights.join() || outputs % lanes !== 0) return undefined;
  if (channels > MOST_CHANNELS || kernel.length !== 2 || kernel[1] > widestWindow(target.vectors)) return undefined;
  if (strides[0] !== strides[1] || padding[0] !== padding[1]) return undefined;
  const [block, channel, row, column] = blocking.strides;
  const parts = partsOf(x[0], IMAGE_RANGES);
  const code = () =>
    imageWeightsGradientCode({
      images: x[0],
      channels,
      destinationBlocks: outputs / lanes,
      source: mapOf(x),
      destination: mapOf(y),
      kernel: [kernel[0], kernel[1]],
      stride: strides[0],
      padding: padding[0],
      weightStrides: [block, channel, row, column],
      ranges: parts,
      ...target,
    });
  return { parts, code };
}

/** How many parts of equal size there are if there should be so many. */
function partsOf(images: number, wanted: number): number {
  return Math.ceil(images / Math.ceil(images / wanted));
}

/**
 * Parts of the images for a gradient of weights: one where a cache holds all images, else as many as leave each part there, while
 * their gradients are little to add up.
 */
export function rangesFor({ x, y, weights }: Window, { threads }: Target): number {
  const bytes = 4 * (size(x) + size(y));
  if (bytes <= LARGE) return 1;
  const most = Math.max(1, Math.min(x[0], Math.floor(PARTIAL / (4 * size(weights)))));
  const wanted = Math.min(most, Math.ceil(bytes / RANGE));
  const ranges = wanted > threads ? wanted - (wanted % threads) : wanted;
  return partsOf(x[0], ranges);
}

/** True for windows of one place, of all channels, that go over images of the same size. */
function isPointwise(window: Window): boolean {
  return isPlace(window) && window.strides[0] === 1;
}

/** True for windows of one place, of all channels, without padding. */
function isPlace({ weights, strides: [vertical, horizontal], padding }: Window): boolean {
  const [, , height, width] = weights;
  const isOne = weights.length === 4 && height * width === 1;
  return isOne && vertical === horizontal && [...padding].every((pad) => pad === 0);
}

function fitsCache(blocks: number, { kernel: [height, width] }: Shapes, { name, tap }: Vectors): boolean {
  return 3 * blocks * height * width * tap <= WIDEST_WEIGHTS[name];
}

/** True for windows for which a gradient of weights can be written out. */
function isWritable({ x, weights, strides, padding }: Window): boolean {
  const isSquare = strides[0] === strides[1] && padding[0] === padding[1];
  return isSquare && weights.at(-1)! > 1 && weights.at(-1)! <= WIDEST_KERNEL && x[3] <= WIDEST_ROW;
}

function pointwiseForward(
  { x }: Window,
  { sourceBlocks, destinationBlocks }: Shapes,
  target: Target,
  epilogue: Epilogue,
): Uint8Array {
  return pointwiseConvolutionCode({
    images: x[0],
    places: x[2] * x[3],
    sourceBlocks,
    destinationBlocks,
    ...epilogue,
    ...target,
  });
}

function pointwiseWeightsGradient(
  { x, y, strides }: Window,
  { sourceBlocks, destinationBlocks }: Shapes,
  target: Target,
  ranges: number,
): Uint8Array {
  return pointwiseWeightsGradientCode({
    images: x[0],
    source: mapOf(x),
    destination: mapOf(y),
    stride: strides[0],
    sourceBlocks,
    destinationBlocks,
    ...target,
    ranges,
  });
}

function groupedForward(
  { x, y, strides, padding }: Window,
  shapes: Shapes,
  target: Target,
  epilogue: Epilogue,
): Uint8Array {
  const { groups, sourceBlocks, destinationBlocks, kernel } = shapes;
  const [source, destination] = [mapOf(x), mapOf(y)];
  const [rows, columns] = [0, 1].map((axis) =>
    forwardTaps(destination[axis], source[axis], kernel[axis], strides[axis], padding[axis]),
  );
  const step = kernel[0] * kernel[1] * target.vectors.tap;
  return groupedConvolutionCode({
    images: x[0],
    groups,
    sourceBlocks,
    destinationBlocks,
    source,
    destination,
    rows,
    columns,
    kernelWidth: kernel[1],
    weightSteps: { source: step, destination: sourceBlocks * step, group: destinationBlocks * sourceBlocks * step },
    step: strides[1],
    ...epilogue,
    ...target,
    ...bandsOf(x[0], groups, destination[0], target),
  });
}

function groupedDataGradient({ x, y, strides, padding }: Window, shapes: Shapes, target: Target): Uint8Array {
  const { groups, sourceBlocks, destinationBlocks, kernel } = shapes;
  const [source, destination] = [mapOf(x), mapOf(y)];
  const [rows, columns] = [0, 1].map((axis) =>
    gradientTaps(source[axis], destination[axis], kernel[axis], strides[axis], padding[axis]),
  );
  const step = kernel[0] * kernel[1] * target.vectors.tap;
  return groupedConvolutionCode({
    images: x[0],
    groups,
    sourceBlocks: destinationBlocks,
    destinationBlocks: sourceBlocks,
    source: destination,
    destination: source,
    rows,
    columns,
    kernelWidth: kernel[1],
    weightSteps: { source: sourceBlocks * step, destination: step, group: destinationBlocks * sourceBlocks * step },
    step: 1 / strides[1],
    sum: false,
    bias: false,
    relu: false,
    ...target,
    ...bandsOf(x[0], groups, source[0], target),
  });
}

function groupedWeightsGradient(
  { x, y, strides, padding }: Window,
  shapes: Shapes,
  target: Target,
  ranges: number,
): Uint8Array {
  return groupedWeightsGradientCode({
    images: x[0],
    ...shapes,
    source: mapOf(x),
    destination: mapOf(y),
    stride: strides[0],
    padding: padding[0],
    ...target,
    ranges,
  });
}

/** Parts of rows for threads to take: of a single image, some for each thread, so that it reads what it has just made itself. */
function bandsOf(images: number, groups: number, rows: number, { threads }: Target) {
  const ofThread = images === 1 ? Math.min(BANDS, Math.floor(rows / (ROWS_OF_THREAD * threads))) : 0;
  if (ofThread > 0) return { bands: ofThread * threads, byRows: true };
  const bands = Math.max(1, Math.min(Math.ceil(ITEMS / (images * groups)), Math.floor(rows / ROWS)));
  return { bands, byRows: false };
}
