import type { ArgumentKey, PrimitiveDescriptor } from "../binding/dnn.js";
import type { Window } from "../lower/convolutionSpecs.js";

/** Machine code of our own for one computation on fixed shapes and layouts. */
export interface GeneratedKernel {
  /** As profiles tell it. */
  readonly name: string;
  readonly code: Uint8Array;
  /** What the code is handed the addresses of, in this order. */
  readonly operands: readonly ArgumentKey[];
}

/** What a forward convolution does beyond its sums. */
export interface Epilogue {
  readonly bias: boolean;
  readonly relu: boolean;
}

/**
 * Makes kernels for convolutions that the library has slower ones for. Each is asked for with the library's description, whose
 * layouts it takes over; undefined where there is none for these shapes or layouts.
 */
export interface KernelGenerator {
  /** `source`, `weights`, `bias` → `destination`. */
  forward(window: Window, descriptor: PrimitiveDescriptor, epilogue: Epilogue): GeneratedKernel | undefined;
  /** `destinationGradient`, `weights` → `sourceGradient`. */
  dataGradient(window: Window, descriptor: PrimitiveDescriptor): GeneratedKernel | undefined;
  /** `source`, `destinationGradient` → `weightsGradient`. */
  weightsGradient(window: Window, descriptor: PrimitiveDescriptor): GeneratedKernel | undefined;
}
