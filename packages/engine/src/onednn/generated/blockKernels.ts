import { size } from "@regnet/core";
import {
  type BatchNorm,
  batchNormBackwardCode,
  batchNormInferenceCode,
  batchNormTrainingCode,
} from "../../machineCode/batchNorm.js";
import { AVX512, type Target } from "../../machineCode/blocks.js";
import { type ChannelFactors, channelProductsCode, scaledChannelsCode } from "../../machineCode/channelFactors.js";
import { COLOURS, colourImagesCode } from "../../machineCode/colourImages.js";
import {
  type AdaptiveDescent,
  adaptiveDescentCode,
  type Descent,
  descentCode,
  squaresCode,
  sumsOf,
} from "../../machineCode/elementwise.js";
import { partialSumsCode } from "../../machineCode/partialSums.js";
import {
  placewiseGradientCode,
  placewiseGradientSumsCode,
  placewiseInferenceCode,
  placewiseNormaliseCode,
  placewiseStatisticsCode,
  placewiseSums,
} from "../../machineCode/placewiseBatchNorm.js";
import { transpositionCode } from "../../machineCode/transposition.js";
import type { Dnn, PrimitiveDescriptor } from "../binding/dnn.js";
import type { ChannelBlock } from "../binding/instructionSets.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Window } from "../lower/convolutionSpecs.js";
import { channelsLastLayout, isPlain, samePlaces } from "../plan/layouts.js";
import {
  dataGradientCode,
  forwardCode,
  imageWeightsGradientOf,
  rangesFor,
  weightsGradientCode,
} from "./convolutions.js";
import type {
  BatchNormKernel,
  BatchNormPass,
  Epilogue,
  GeneratedKernel,
  KernelGenerator,
  Norm,
  Own,
  WeightsGradientKernel,
} from "./generatedKernel.js";
import { transpositionOf } from "./transpositions.js";
import { hasBlocks, type Innermost, type Shapes, shapesOf } from "./windows.js";

const BACKWARD = [
  "source",
  "scale",
  "shift",
  "mean",
  "variance",
  "destinationGradient",
  "sourceGradient",
  "scaleGradient",
  "shiftGradient",
] as const;

const BATCH_NORMS = {
  training: {
    codeOf: (norm: BatchNorm) => batchNormTrainingCode(norm, false),
    operands: ["source", "scale", "shift", "mean", "variance", "destination"],
  },
  trainingWithSum: {
    codeOf: (norm: BatchNorm) => batchNormTrainingCode(norm, true),
    operands: ["source", "scale", "shift", "mean", "variance", "destination", "second"],
  },
  inference: {
    codeOf: batchNormInferenceCode,
    operands: ["source", "scale", "shift", "mean", "variance", "destination"],
  },
  backward: {
    codeOf: (norm: BatchNorm) => batchNormBackwardCode(norm, false),
    operands: BACKWARD,
  },
  backwardWithResult: {
    codeOf: (norm: BatchNorm) => batchNormBackwardCode(norm, true),
    operands: [...BACKWARD, "destination"],
  },
} as const;

const OF_PLACES = ["source", "scale", "shift", "mean", "variance", "workspace"] as const;
const PLACEWISE = {
  statistics: OF_PLACES,
  normalise: [...OF_PLACES, "destination", "second"],
  gradientSums: [...OF_PLACES, "destinationGradient"],
  inference: [...OF_PLACES, "destination"],
  gradient: [...OF_PLACES, "destinationGradient", "sourceGradient", "scaleGradient", "shiftGradient", "destination"],
} as const;

/** Kernels for images of float32 in channel blocks that fill a vector. */
export class BlockKernels implements KernelGenerator {
  private readonly known = new Map<string, GeneratedKernel>();

  constructor(
    private readonly dnn: Dnn,
    private readonly target: Target,
  ) {}

  private get block(): ChannelBlock {
    return this.target.vectors.lanes;
  }

  forward(window: Window, { memory }: PrimitiveDescriptor, epilogue: Epilogue): GeneratedKernel | undefined {
    const shapes = this.shapes(window, memory("source"), memory("destination"), memory("weights"), "outputs");
    const code = shapes && forwardCode(window, shapes, this.target, epilogue);
    return this.kernel(["forward", window, epilogue], ["source", "weights", "destination", "bias"], code);
  }

  dataGradient(window: Window, { memory }: PrimitiveDescriptor): GeneratedKernel | undefined {
    const [x, y] = [memory("sourceGradient"), memory("destinationGradient")];
    const shapes = this.shapes(window, x, y, memory("weights"), "inputs");
    const code = shapes && dataGradientCode(window, shapes, this.target);
    return this.kernel(["dataGradient", window], ["destinationGradient", "weights", "sourceGradient"], code);
  }

  weightsGradient(window: Window, { memory }: PrimitiveDescriptor): WeightsGradientKernel | undefined {
    const [x, y] = [memory("source"), memory("destinationGradient")];
    const shapes = this.shapes(window, x, y, memory("weightsGradient"), "outputs");
    const parts = rangesFor(window, this.target);
    const code = shapes && weightsGradientCode(window, shapes, this.target, parts);
    const operands = ["source", "weightsGradient", "destinationGradient"] as const;
    const gradient = this.kernel(["weightsGradient", window], operands, code);
    return gradient && this.summed(gradient, parts, window);
  }

  imageWeightsGradient(
    window: Window,
    source: MemoryDescriptor,
    destination: MemoryDescriptor,
    weights: MemoryDescriptor,
  ): WeightsGradientKernel | undefined {
    const fits = source.type === "f32" && isPlain(source) && this.isImage(window.y, destination);
    const gradient = fits ? imageWeightsGradientOf(window, weights, this.target) : undefined;
    if (!gradient) return undefined;
    const operands = ["source", "weightsGradient", "destinationGradient"] as const;
    const kernel = this.kernel(["imageWeightsGradient", window, weights.key], operands, gradient.code)!;
    return this.summed(kernel, gradient.parts, window);
  }

  /** A gradient by so many parts, with what adds them up. */
  private summed(gradient: GeneratedKernel, parts: number, { weights }: Window): WeightsGradientKernel {
    if (parts === 1) return gradient;
    const sums = { parts, length: size(weights), ...this.target };
    const kernel = this.kernel(["sum", sums], ["source", "destination"], () => partialSumsCode(sums))!;
    return { ...gradient, sum: { parts, kernel } };
  }

  /** A thread does all of a block of channels, so there must be one for each. */
  batchNorm(pass: BatchNormPass, { image, epsilon, relu }: Norm): BatchNormKernel | undefined {
    const { dims } = image;
    if (image.type === "bf16") return this.placewiseBatchNorm(pass, { image, epsilon, relu });
    const [images, channels, height, width] = dims;
    const blocks = channels / this.block;
    const fits =
      dims.length === 4 && channels % this.block === 0 && blocks >= this.target.threads && this.isImage(dims, image);
    const { codeOf, operands } = BATCH_NORMS[pass];
    const norm = { images, places: height * width, blocks, epsilon, relu, ...this.target };
    return this.kernel([pass, norm], operands, fits ? () => codeOf(norm) : undefined);
  }

  private placewiseBatchNorm(pass: BatchNormPass, { image, epsilon, relu }: Norm): BatchNormKernel | undefined {
    const { dims } = image;
    const [images, channels, height, width] = dims;
    const isLast = dims.length === 4 && samePlaces(image, channelsLastLayout(this.dnn, dims, "bf16"));
    if (!isLast || channels % AVX512.lanes !== 0 || image.bytes >= 2 ** 31) return undefined;
    const norm = { places: images * height * width, channels, epsilon, relu, ...this.target, vectors: AVX512 };
    const make = (name: keyof typeof PLACEWISE, codeOf: () => Uint8Array, key: unknown = norm) =>
      this.kernel([name, key], PLACEWISE[name], codeOf)!;
    const length = placewiseSums(norm);
    if (pass === "training" || pass === "trainingWithSum") {
      const adds = pass === "trainingWithSum";
      const kernel = make("statistics", () => placewiseStatisticsCode(norm));
      return {
        ...make("normalise", () => placewiseNormaliseCode(norm, adds), { norm, adds }),
        sums: { length, kernel },
      };
    }
    if (pass === "inference") return make("inference", () => placewiseInferenceCode(norm));
    const makesResult = pass === "backwardWithResult";
    const gradient = make("gradient", () => placewiseGradientCode(norm, makesResult), { norm, makesResult });
    return { ...gradient, sums: { length, kernel: make("gradientSums", () => placewiseGradientSumsCode(norm)) } };
  }

  scaledChannels(image: MemoryDescriptor): GeneratedKernel | undefined {
    return this.perChannel("scaledChannels", image, ["source", "scale", "destination"], (shape) =>
      scaledChannelsCode(shape, false),
    );
  }

  scaledAndSpread(image: MemoryDescriptor): GeneratedKernel | undefined {
    return this.perChannel("scaledAndSpread", image, ["source", "scale", "shift", "destination"], (shape) =>
      scaledChannelsCode(shape, true),
    );
  }

  channelProducts(image: MemoryDescriptor): GeneratedKernel | undefined {
    return this.perChannel("channelProducts", image, ["source", "second", "destination"], channelProductsCode);
  }

  private perChannel(
    name: string,
    image: MemoryDescriptor,
    operands: GeneratedKernel["operands"],
    codeOf: (shape: ChannelFactors) => Uint8Array,
  ): GeneratedKernel | undefined {
    const { dims } = image;
    if (dims.length !== 4 || dims[1] % this.block !== 0 || !this.isImage(dims, image)) return undefined;
    const [images, channels, height, width] = dims;
    const shape = { images, blocks: channels / this.block, places: height * width, ...this.target };
    return this.kernel([name, shape], operands, () => codeOf(shape));
  }

  reorder(source: MemoryDescriptor, destination: MemoryDescriptor): GeneratedKernel | undefined {
    if (destination.type === "bf16") return this.colourImages(source, destination);
    const blocks = transpositionOf(source, destination, this.target.vectors);
    const transposition = blocks && { ...blocks, ...this.target };
    const code = transposition && (() => transpositionCode(transposition));
    return this.kernel(["transposition", transposition], ["source", "destination"], code);
  }

  private colourImages(source: MemoryDescriptor, destination: MemoryDescriptor): GeneratedKernel | undefined {
    const { dims } = source;
    const [images, channels, height, width] = dims;
    const isPlainColour = dims.length === 4 && channels === COLOURS && source.type === "f32" && isPlain(source);
    const places = height * width;
    if (!isPlainColour || !samePlaces(destination, channelsLastLayout(this.dnn, dims, "bf16"))) return undefined;
    if (places % AVX512.lanes !== 0 || source.bytes >= 2 ** 31) return undefined;
    const shape = { images, places, ...this.target, vectors: AVX512 };
    return this.kernel(["colourImages", shape], ["source", "destination"], () => colourImagesCode(shape));
  }

  descent(settings: Own<Descent>): GeneratedKernel {
    const descent = { ...settings, ...this.target };
    return this.kernel(["descent", descent], numbers(descent.isScaled ? 5 : 4), () => descentCode(descent))!;
  }

  adaptiveDescent(settings: Own<AdaptiveDescent>): GeneratedKernel {
    const descent = { ...settings, ...this.target };
    return this.kernel(["adaptiveDescent", descent], numbers(9), () => adaptiveDescentCode(descent))!;
  }

  squares(length: number): { kernel: GeneratedKernel; count: number } {
    const elements = { length, ...this.target };
    const kernel = this.kernel(["squares", elements], numbers(2), () => squaresCode(elements))!;
    return { kernel, count: sumsOf(elements) };
  }

  /** A convolution's sizes, if its operands lie as kernels read them. */
  private shapes(
    window: Window,
    x: MemoryDescriptor,
    y: MemoryDescriptor,
    weights: MemoryDescriptor,
    innermost: Innermost,
  ): Shapes | undefined {
    const fits =
      this.isImage(window.x, x) &&
      this.isImage(window.y, y) &&
      hasBlocks(window.weights, weights, innermost, this.target.vectors);
    return fits ? shapesOf(window, this.target.vectors) : undefined;
  }

  /** One kernel serves all layers that `key` says the same of. */
  private kernel(
    key: readonly unknown[],
    operands: GeneratedKernel["operands"],
    code: (() => Uint8Array) | undefined,
  ): GeneratedKernel | undefined {
    if (!code) return undefined;
    const text = JSON.stringify(key);
    let kernel = this.known.get(text);
    if (!kernel) {
      kernel = { name: `own:${this.target.vectors.name}`, code: code(), operands };
      this.known.set(text, kernel);
    }
    return kernel;
  }

  private isImage(dims: readonly number[], layout: MemoryDescriptor): boolean {
    // Distances within an image are numbers of 32 bits in the code.
    return layout.bytes < 2 ** 31 && samePlaces(layout, this.dnn.blocked(dims, "f32", this.block));
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
