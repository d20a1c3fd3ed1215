import type { Target } from "../../machineCode/blocks.js";
import type { AdaptiveDescent, Descent } from "../../machineCode/elementwise.js";
import type { ArgumentKey, PrimitiveDescriptor } from "../binding/dnn.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import type { Window } from "../lower/convolutionSpecs.js";

/** Machine code of our own for one computation on fixed shapes and layouts. */
export interface GeneratedKernel {
  /** As profiles tell it. */
  readonly name: string;
  readonly code: Uint8Array;
  /** What the code is handed the addresses of, in this order. */
  readonly operands: readonly ArgumentKey[];
}

/** A kernel for a gradient of weights. */
export interface WeightsGradientKernel extends GeneratedKernel {
  /** Set where the kernel writes gradients by parts of the images, one after the other: adds `source` up to `destination`. */
  readonly sum?: { readonly parts: number; readonly kernel: GeneratedKernel };
}

/** A kernel for a batch norm. */
export interface BatchNormKernel extends GeneratedKernel {
  /** Set where sums have to be made first, by another kernel: so many, its `workspace`, which is an operand then. */
  readonly sums?: { readonly length: number; readonly kernel: GeneratedKernel };
}

/** What a forward convolution does beyond its sums. */
export interface Epilogue {
  /** Whether the result is added to what the destination holds. */
  readonly sum: boolean;
  readonly bias: boolean;
  readonly relu: boolean;
}

export type BatchNormPass = "training" | "trainingWithSum" | "inference" | "backward" | "backwardWithResult";

/** A batch norm over images in a layout, and whether a ReLU follows. */
export interface Norm {
  readonly image: MemoryDescriptor;
  readonly epsilon: number;
  readonly relu: boolean;
}

/** What a kernel does beyond what all kernels of a generator know. */
export type Own<T> = Omit<T, keyof Target>;

/**
 * Makes kernels for what the library has slower ones for. Convolutions are asked for with the library's description, whose layouts
 * are taken over; undefined where there is no kernel for these shapes or layouts.
 */
export interface KernelGenerator {
  /** `source`, `weights`, `bias` → `destination`. */
  forward(window: Window, descriptor: PrimitiveDescriptor, epilogue: Epilogue): GeneratedKernel | undefined;
  /** `destinationGradient`, `weights` → `sourceGradient`. */
  dataGradient(window: Window, descriptor: PrimitiveDescriptor): GeneratedKernel | undefined;
  /** `source`, `destinationGradient` → `weightsGradient`. */
  weightsGradient(window: Window, descriptor: PrimitiveDescriptor): WeightsGradientKernel | undefined;
  /** The same of plain images of few channels, in the layouts of source, destination and weights that are given. */
  imageWeightsGradient(
    window: Window,
    source: MemoryDescriptor,
    destination: MemoryDescriptor,
    weights: MemoryDescriptor,
  ): WeightsGradientKernel | undefined;
  /**
   * `source`, `scale`, `shift` → `destination` and the statistics `mean` and `variance`, which `inference` reads.
   * `trainingWithSum` adds `second` to the result, before the ReLU. `backward`
   * reads all of these but the destination, and `destinationGradient` → `sourceGradient`, `scaleGradient`, `shiftGradient`;
   * `backwardWithResult` makes the destination again as well.
   */
  batchNorm(pass: BatchNormPass, norm: Norm): BatchNormKernel | undefined;
  /** An image `source` times a factor `scale` for each channel of each image → `destination`. */
  scaledChannels(image: MemoryDescriptor): GeneratedKernel | undefined;
  /** The same, and `shift` spread evenly over the places. */
  scaledAndSpread(image: MemoryDescriptor): GeneratedKernel | undefined;
  /** Sums over places of the products of images `source` and `second` → `destination`. */
  channelProducts(image: MemoryDescriptor): GeneratedKernel | undefined;
  /** `source` → `destination`, the same numbers in another layout. */
  reorder(source: MemoryDescriptor, destination: MemoryDescriptor): GeneratedKernel | undefined;
  /** Operands by their numbers: weights, velocities, gradients; learning rate, and the gradients' scale if there is one. */
  descent(descent: Own<Descent>): GeneratedKernel;
  /** Operands by their numbers: weights, gradients, means, squares; then the five numbers of `adaptiveDescentCode`. */
  adaptiveDescent(descent: Own<AdaptiveDescent>): GeneratedKernel;
  /** Operands by their numbers: elements, and as many partial sums of their squares as `count` tells. */
  squares(length: number): { readonly kernel: GeneratedKernel; readonly count: number };
}
