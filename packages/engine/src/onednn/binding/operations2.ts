import { binaryAlgorithms, CONVOLUTION_DIRECT, propagation } from "./constants.js";
import type { EltwiseAlgorithm, PrimitiveSpec, SpecOf } from "./specs.js";

/** A call of `dnnl_<name>_desc_init(operation, …parameters)`. */
export interface OperationCall {
  readonly name: string;
  /** The C parameters after the operation descriptor. */
  readonly parameters: string;
  readonly args: readonly unknown[];
}

const flags = { globalStatistics: 1, relu: 4, scaleAndShift: 8 | 16 };

/** `dnnl_alg_kind_t` of oneDNN 2. */
export const eltwiseAlgorithms: Readonly<Record<EltwiseAlgorithm, number>> = {
  relu: 0x1f,
  sqrt: 0x6f,
  linear: 0x7f,
  logistic: 0xaf,
  swish: 0xdf,
  geluErf: 0x30,
  reluFromOutput: 0x100,
  logisticFromOutput: 0x104,
};
const reductions = { sum: 196596 };
const poolings = { max: 0x1ff, averageIncludingPadding: 0x2ff };

export function int64(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

/** How oneDNN 2 is told of an operation. */
export function operationCall(spec: Exclude<PrimitiveSpec, { kind: "reorder" }>): OperationCall {
  switch (spec.kind) {
    case "convolution":
      return convolution(spec);
    case "innerProduct":
      return innerProduct(spec);
    case "batchNorm":
      return batchNorm(spec);
    case "layerNorm":
      return layerNorm(spec);
    case "eltwise":
      return eltwise(spec);
    case "pooling":
      return pooling(spec);
    case "matmul":
      return {
        name: "matmul",
        parameters: "void *s, void *w, void *b, void *d",
        args: [spec.source.native, spec.weights.native, spec.bias?.native ?? null, spec.destination.native],
      };
    case "binary":
      return {
        name: "binary",
        parameters: "int algorithm, void *a, void *b, void *d",
        args: [binaryAlgorithms[spec.algorithm], spec.first.native, spec.second.native, spec.destination.native],
      };
    case "reduction":
      return {
        name: "reduction",
        parameters: "int algorithm, void *s, void *d, float p, float epsilon",
        args: [reductions[spec.algorithm], spec.source.native, spec.destination.native, 1, 0],
      };
    default:
      throw new TypeError(`unreachable primitive: ${JSON.stringify(spec satisfies never)}`);
  }
}

function convolution(spec: SpecOf<"convolution">): OperationCall {
  const { pass, source, weights, bias, destination } = spec;
  const windows = "int64_t *strides, int64_t *left, int64_t *right";
  const head = [CONVOLUTION_DIRECT, source.native, weights.native];
  const tail = [destination.native, int64(spec.strides), int64(spec.padding), int64(spec.paddingEnd)];
  const biased = [...head, bias?.native ?? null, ...tail];
  switch (pass) {
    case "backwardData":
      return {
        name: "convolution_backward_data",
        parameters: `int algorithm, void *s, void *w, void *d, ${windows}`,
        args: [...head, ...tail],
      };
    case "backwardWeights":
      return {
        name: "convolution_backward_weights",
        parameters: `int algorithm, void *s, void *w, void *b, void *d, ${windows}`,
        args: biased,
      };
    default:
      return {
        name: "convolution_forward",
        parameters: `int pass, int algorithm, void *s, void *w, void *b, void *d, ${windows}`,
        args: [propagation[pass], ...biased],
      };
  }
}

function innerProduct({ pass, source, weights, bias, destination }: SpecOf<"innerProduct">): OperationCall {
  const head = [source.native, weights.native];
  const biased = [...head, bias?.native ?? null, destination.native];
  switch (pass) {
    case "backwardData":
      return {
        name: "inner_product_backward_data",
        parameters: "void *s, void *w, void *d",
        args: [...head, destination.native],
      };
    case "backwardWeights":
      return {
        name: "inner_product_backward_weights",
        parameters: "void *s, void *w, void *b, void *d",
        args: biased,
      };
    default:
      return {
        name: "inner_product_forward",
        parameters: "int pass, void *s, void *w, void *b, void *d",
        args: [propagation[pass], ...biased],
      };
  }
}

function batchNorm({ pass, data, epsilon, globalStatistics, relu }: SpecOf<"batchNorm">): OperationCall {
  const flag = flags.scaleAndShift | (globalStatistics ? flags.globalStatistics : 0) | (relu ? flags.relu : 0);
  if (pass === "backward") {
    return {
      name: "batch_normalization_backward",
      parameters: "int pass, void *g, void *s, float epsilon, uint flags",
      args: [propagation.backward, data.native, data.native, epsilon, flag],
    };
  }
  return {
    name: "batch_normalization_forward",
    parameters: "int pass, void *s, float epsilon, uint flags",
    args: [propagation[pass], data.native, epsilon, flag],
  };
}

function layerNorm({ pass, data, statistics, epsilon }: SpecOf<"layerNorm">): OperationCall {
  const tail = [statistics.native, epsilon, flags.scaleAndShift];
  if (pass === "backward") {
    return {
      name: "layer_normalization_backward",
      parameters: "int pass, void *g, void *s, void *statistics, float epsilon, uint flags",
      args: [propagation.backward, data.native, data.native, ...tail],
    };
  }
  return {
    name: "layer_normalization_forward",
    parameters: "int pass, void *s, void *statistics, float epsilon, uint flags",
    args: [propagation[pass], data.native, ...tail],
  };
}

function eltwise({ pass, algorithm, alpha = 0, beta = 0, data }: SpecOf<"eltwise">): OperationCall {
  if (pass === "backward") {
    return {
      name: "eltwise_backward",
      parameters: "int algorithm, void *g, void *s, float alpha, float beta",
      args: [eltwiseAlgorithms[algorithm], data.native, data.native, alpha, beta],
    };
  }
  return {
    name: "eltwise_forward",
    parameters: "int pass, int algorithm, void *s, float alpha, float beta",
    args: [propagation[pass], eltwiseAlgorithms[algorithm], data.native, alpha, beta],
  };
}

function pooling(spec: SpecOf<"pooling">): OperationCall {
  const windows = "int64_t *strides, int64_t *kernel, int64_t *left, int64_t *right";
  const window = [spec.strides, spec.kernel, spec.padding, spec.paddingEnd].map(int64);
  const args = [poolings[spec.algorithm], spec.source.native, spec.destination.native, ...window];
  if (spec.pass === "backward") {
    return { name: "pooling_backward", parameters: `int algorithm, void *s, void *d, ${windows}`, args };
  }
  return {
    name: "pooling_forward",
    parameters: `int pass, int algorithm, void *s, void *d, ${windows}`,
    args: [propagation[spec.pass], ...args],
  };
}
