import type { MemoryDescriptor } from "./memoryDescriptor.js";

/** Element types of oneDNN that the engine uses. */
export type ElementType = "f32" | "bf16" | "u8";

/** One of oneDNN's elementwise functions; `…FromOutput` are derivatives written in terms of the result. */
export type EltwiseAlgorithm =
  | "relu"
  | "sqrt"
  | "linear"
  | "logistic"
  | "swish"
  | "geluErf"
  | "reluFromOutput"
  | "logisticFromOutput";

export type BinaryAlgorithm = "add" | "multiply" | "subtract" | "divide" | "greater";

/** Work on the result of a primitive before it is stored. */
export type PostOp =
  | {
      readonly kind: "eltwise";
      readonly algorithm: EltwiseAlgorithm;
      readonly alpha?: number;
      readonly beta?: number;
    }
  /** Adds `scale` times what the destination held. */
  | { readonly kind: "sum"; readonly scale: number }
  | { readonly kind: "binary"; readonly algorithm: BinaryAlgorithm; readonly operand: MemoryDescriptor };

export type Pair = readonly [number, number];

/** What a primitive computes, in the terms both generations of oneDNN share. */
export type PrimitiveSpec =
  | {
      readonly kind: "convolution";
      readonly pass: "training" | "inference" | "backwardData" | "backwardWeights";
      readonly source: MemoryDescriptor;
      readonly weights: MemoryDescriptor;
      readonly bias?: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
      readonly strides: Pair;
      readonly padding: Pair;
      /** Padding after the last row and column. */
      readonly paddingEnd: Pair;
    }
  | {
      readonly kind: "batchNorm";
      readonly pass: "training" | "inference" | "backward";
      readonly data: MemoryDescriptor;
      readonly epsilon: number;
      readonly globalStatistics: boolean;
      readonly relu: boolean;
    }
  | {
      readonly kind: "layerNorm";
      readonly pass: "training" | "inference" | "backward";
      readonly data: MemoryDescriptor;
      readonly statistics: MemoryDescriptor;
      readonly epsilon: number;
    }
  | {
      readonly kind: "eltwise";
      readonly pass: "training" | "inference" | "backward";
      readonly algorithm: EltwiseAlgorithm;
      readonly alpha?: number;
      readonly beta?: number;
      readonly data: MemoryDescriptor;
    }
  | {
      readonly kind: "pooling";
      readonly pass: "training" | "inference" | "backward";
      readonly algorithm: "max" | "averageIncludingPadding";
      readonly source: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
      readonly kernel: Pair;
      readonly strides: Pair;
      readonly padding: Pair;
      readonly paddingEnd: Pair;
    }
  | {
      readonly kind: "innerProduct";
      readonly pass: "training" | "inference" | "backwardData" | "backwardWeights";
      readonly source: MemoryDescriptor;
      readonly weights: MemoryDescriptor;
      readonly bias?: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
    }
  | {
      readonly kind: "matmul";
      readonly source: MemoryDescriptor;
      readonly weights: MemoryDescriptor;
      readonly bias?: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
    }
  | {
      readonly kind: "binary";
      readonly algorithm: BinaryAlgorithm;
      readonly first: MemoryDescriptor;
      readonly second: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
    }
  | {
      readonly kind: "reduction";
      readonly algorithm: "sum";
      readonly source: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
    }
  | {
      readonly kind: "reorder";
      readonly source: MemoryDescriptor;
      readonly destination: MemoryDescriptor;
    };

export type SpecOf<K extends PrimitiveSpec["kind"]> = Extract<PrimitiveSpec, { kind: K }>;
