/** Execution arguments (`DNNL_ARG_…`), the same in oneDNN 2 and 3. */
export const argument = {
  source: 1,
  second: 2,
  destination: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  scratchpad: 80,
  sourceGradient: 129,
  destinationGradient: 145,
  weightsGradient: 161,
  biasGradient: 169,
  scaleGradient: 255,
  shiftGradient: 256,
} as const;

export type Argument = keyof typeof argument;

/** Queries for memory descriptors, the same in oneDNN 2 and 3. */
export const query = {
  kernelName: 8,
  source: 129,
  sourceGradient: 130,
  weights: 131,
  weightsGradient: 132,
  destination: 133,
  destinationGradient: 134,
  workspace: 135,
  scratchpad: 136,
} as const;

export type DescriptorQuery = Exclude<keyof typeof query, "kernelName">;

export const elementTypes = { bf16: 2, f32: 3, u8: 6 } as const;
export const elementBytes = { bf16: 2, f32: 4, u8: 1 } as const;

export const propagation = {
  training: 64,
  inference: 96,
  backward: 128,
  backwardData: 160,
  backwardWeights: 192,
} as const;

export const binaryAlgorithms = {
  add: 0x1fff0,
  multiply: 0x1fff1,
  divide: 0x1fff4,
  subtract: 0x1fff5,
  greater: 0x1fff7,
} as const;

export const CONVOLUTION_DIRECT = 1;
export const UNIMPLEMENTED = 3;
/** Status codes in words. */
export const statusNames: readonly string[] = [
  "success",
  "out of memory",
  "invalid arguments",
  "unimplemented",
  "last implementation reached",
  "runtime error",
  "not required",
];
