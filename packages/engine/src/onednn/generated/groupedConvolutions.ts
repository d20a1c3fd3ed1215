import { TAP, type Tap, groupedConvolutionCode } from "../../machineCode/groupedConvolution.js";
import { groupedWeightsGradientCode, WIDEST_KERNEL } from "../../machineCode/groupedWeightsGradient.js";
import type { Dnn, PrimitiveDescriptor } from "../binding/dnn.js";
import { describe, type MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Window } from "../lower/convolutionSpecs.js";
import { samePlaces } from "../plan/layouts.js";
import type { Epilogue, GeneratedKernel, KernelGenerator } from "./generatedKernel.js";

const BLOCK = 8;
/** Items that threads can share out evenly. */
const ITEMS = 32;
/** Fewer rows are not worth an item of their own. */
const ROWS = 4;
/** Columns of a row, which the gradient of weights is written out for one by one. */
const WIDEST_ROW = 128;

/** Which of weights' two blocked dimensions lies innermost: outputs (`8i8o`) or inputs (`8o8i`). */
type Innermost = "outputs" | "inputs";

/** Kernels of AVX2 for grouped convolutions whose groups fill blocks of 8 channels. */
export class GroupedConvolutions implements KernelGenerator {
  private readonly known = new Map<string, GeneratedKernel>();

  constructor(private readonly dnn: Dnn) {}

  forward(window: Window, descriptor: PrimitiveDescriptor, epilogue: Epilogue): GeneratedKernel | undefined {
    const fits =
      isGrouped(window) &&
      this.isImage(window.x, descriptor.memory("source")) &&
      this.isImage(window.y, descriptor.memory("destination")) &&
      hasBlocks(window.weights, descriptor.memory("weights"), "outputs");
    if (!fits) return undefined;
    const { strides, padding } = window;
    const { groups, sourceBlocks, destinationBlocks, kernel } = shapesOf(window);
    const [source, destination] = [mapOf(window.x), mapOf(window.y)];
    const step = kernel[0] * kernel[1] * TAP;
    return this.kernel("forward", window, epilogue, ["source", "weights", "destination", "bias"], () =>
      groupedConvolutionCode({
        images: window.x[0],
        groups,
        sourceBlocks,
        destinationBlocks,
        source,
        destination,
        rows: forwardTaps(destination[0], source[0], kernel[0], strides[0], padding[0]),
        columns: forwardTaps(destination[1], source[1], kernel[1], strides[1], padding[1]),
        kernelWidth: kernel[1],
        weightSteps: {
          source: step,
          destination: sourceBlocks * step,
          group: destinationBlocks * sourceBlocks * step,
        },
        step: strides[1],
        ...epilogue,
        bands: bandsOf(window.x[0] * groups, destination[0]),
      }),
    );
  }

  dataGradient(window: Window, descriptor: PrimitiveDescriptor): GeneratedKernel | undefined {
    const fits =
      isGrouped(window) &&
      this.isImage(window.x, descriptor.memory("sourceGradient")) &&
      this.isImage(window.y, descriptor.memory("destinationGradient")) &&
      hasBlocks(window.weights, descriptor.memory("weights"), "inputs");
    if (!fits) return undefined;
    const { strides, padding } = window;
    const { groups, sourceBlocks, destinationBlocks, kernel } = shapesOf(window);
    const [source, destination] = [mapOf(window.x), mapOf(window.y)];
    const step = kernel[0] * kernel[1] * TAP;
    return this.kernel("dataGradient", window, {}, ["destinationGradient", "weights", "sourceGradient"], () =>
      groupedConvolutionCode({
        images: window.x[0],
        groups,
        sourceBlocks: destinationBlocks,
        destinationBlocks: sourceBlocks,
        source: destination,
        destination: source,
        rows: gradientTaps(source[0], destination[0], kernel[0], strides[0], padding[0]),
        columns: gradientTaps(source[1], destination[1], kernel[1], strides[1], padding[1]),
        kernelWidth: kernel[1],
        weightSteps: {
          source: sourceBlocks * step,
          destination: step,
          group: destinationBlocks * sourceBlocks * step,
        },
        step: 1 / strides[1],
        bias: false,
        relu: false,
        bands: bandsOf(window.x[0] * groups, source[0]),
      }),
    );
  }

  weightsGradient(window: Window, descriptor: PrimitiveDescriptor): GeneratedKernel | undefined {
    const fits =
      isGrouped(window) &&
      window.strides[0] === window.strides[1] &&
      window.padding[0] === window.padding[1] &&
      window.weights[4] <= WIDEST_KERNEL &&
      window.x[3] <= WIDEST_ROW &&
      this.isImage(window.x, descriptor.memory("source")) &&
      this.isImage(window.y, descriptor.memory("destinationGradient")) &&
      hasBlocks(window.weights, descriptor.memory("weightsGradient"), "outputs");
    if (!fits) return undefined;
    return this.kernel("weightsGradient", window, {}, ["source", "weightsGradient", "destinationGradient"], () =>
      groupedWeightsGradientCode({
        images: window.x[0],
        ...shapesOf(window),
        source: mapOf(window.x),
        destination: mapOf(window.y),
        stride: window.strides[0],
        padding: window.padding[0],
      }),
    );
  }

  /** One kernel serves all layers of the same shape. */
  private kernel(
    pass: string,
    window: Window,
    epilogue: Partial<Epilogue>,
    operands: GeneratedKernel["operands"],
    code: () => Uint8Array,
  ): GeneratedKernel {
    const key = JSON.stringify([pass, window, epilogue]);
    let kernel = this.known.get(key);
    if (!kernel) {
      kernel = { name: "own:avx2", code: code(), operands };
      this.known.set(key, kernel);
    }
    return kernel;
  }

  private isImage(dims: readonly number[], layout: MemoryDescriptor): boolean {
    return samePlaces(layout, this.dnn.blocked(dims, "f32", BLOCK));
  }
}

function isGrouped({ weights }: Window): boolean {
  const [, outputs, inputs] = weights;
  return weights.length === 5 && outputs % BLOCK === 0 && inputs % BLOCK === 0;
}

function shapesOf({ weights: [groups, outputs, inputs, height, width] }: Window) {
  return {
    groups,
    sourceBlocks: inputs / BLOCK,
    destinationBlocks: outputs / BLOCK,
    kernel: [height, width] as const,
  };
}

function mapOf([, , height, width]: readonly number[]): readonly [number, number] {
  return [height, width];
}

/** True for weights [G, O, I, height, width] that lie as [G, O/8, I/8, height, width, 8, 8]. */
function hasBlocks(dims: readonly number[], layout: MemoryDescriptor, innermost: Innermost): boolean {
  const [, outputs, inputs, height, width] = dims;
  const tap = BLOCK * BLOCK;
  const block = height * width * tap;
  const strides = [(outputs * inputs * block) / tap, (inputs / BLOCK) * block, block, width * tap, tap];
  const blockDims = innermost === "outputs" ? [2, 1] : [1, 2];
  const key = describe("f32", dims, { strides, blocks: [BLOCK, BLOCK], blockDims });
  return samePlaces(layout, { ...layout, dims, key });
}

/** Of each place of the destination: `place` = o·stride + k − padding, where that is in the source. */
function forwardTaps(destination: number, source: number, kernel: number, stride: number, padding: number): Tap[][] {
  return tapsOf(destination, source, kernel, (place, weight) => place * stride + weight - padding);
}

/** Of each place of the source: the places of the destination that it was read for. */
function gradientTaps(source: number, destination: number, kernel: number, stride: number, padding: number): Tap[][] {
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

function bandsOf(items: number, rows: number): number {
  return Math.max(1, Math.min(Math.ceil(ITEMS / items), Math.floor(rows / ROWS)));
}
