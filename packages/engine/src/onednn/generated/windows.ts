import type { Vectors } from "../../machineCode/blocks.js";
import type { Tap } from "../../machineCode/groupedConvolution.js";
import { describe, type MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Window } from "../lower/convolutionSpecs.js";
import { samePlaces } from "../plan/layouts.js";

/** A convolution's sizes; blocks are those of one group. */
export interface Shapes {
  readonly groups: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  readonly kernel: readonly [height: number, width: number];
}

/** Undefined where groups do not fill blocks. */
export function shapesOf({ weights }: Window, { lanes }: Vectors): Shapes | undefined {
  const [groups, outputs, inputs, height, width] = grouped(weights);
  if (outputs % lanes !== 0 || inputs % lanes !== 0) return undefined;
  return { groups, sourceBlocks: inputs / lanes, destinationBlocks: outputs / lanes, kernel: [height, width] };
}

export function mapOf([, , height, width]: readonly number[]): readonly [height: number, width: number] {
  return [height, width];
}

function grouped(weights: readonly number[]): readonly number[] {
  return weights.length === 5 ? weights : [1, ...weights];
}

/** Which of weights' two blocked dimensions comes last: as in `8i8o`, or as in `8o8i`. */
export type Innermost = "outputs" | "inputs";

/**
 * True for weights that lie as [groups, outputs/lanes, inputs/lanes, height, width, lanes, lanes].
 */
export function hasBlocks(
  dims: readonly number[],
  layout: MemoryDescriptor,
  innermost: Innermost,
  { lanes }: Vectors,
): boolean {
  const [, outputs, inputs, height, width] = grouped(dims);
  const tap = lanes * lanes;
  const block = height * width * tap;
  const strides = [outputs * inputs * height * width, (inputs / lanes) * block, block, width * tap, tap];
  const rank = dims.length;
  const [output, input] = [rank - 4, rank - 3];
  const blockDims = innermost === "outputs" ? [input, output] : [output, input];
  const key = describe("f32", dims, { strides: strides.slice(-rank), blocks: [lanes, lanes], blockDims });
  return samePlaces(layout, { ...layout, dims, key });
}

/** Of each place of the destination: `place` = o·stride + k − padding, where that is in the source. */
export function forwardTaps(
  destination: number,
  source: number,
  kernel: number,
  stride: number,
  padding: number,
): Tap[][] {
  return tapsOf(destination, source, kernel, (place, weight) => place * stride + weight - padding);
}

/** Of each place of the source: the places of the destination that it was read for. */
export function gradientTaps(
  source: number,
  destination: number,
  kernel: number,
  stride: number,
  padding: number,
): Tap[][] {
  return tapsOf(source, destination, kernel, (place, weight) => (place + padding - weight) / stride);
}

function tapsOf(
  count: number,
  extent: number,
  kernel: number,
  placeOf: (place: number, weight: number) => number,
): Tap[][] {
  return Array.from({ length: count }, (_, own) =>
    Array.from({ length: kernel }, (_, weight) => ({ weight, place: placeOf(own, weight) })).filter(
      ({ place }) => Number.isInteger(place) && place >= 0 && place < extent,
    ),
  );
}
