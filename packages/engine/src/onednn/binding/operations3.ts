import { binaryAlgorithms, CONVOLUTION_DIRECT, propagation } from "./constants.js";
import type { EltwiseAlgorithm, PrimitiveSpec, SpecOf } from "./specs.js";

/** A call of `dnnl_<name>_primitive_desc_create(descriptor, engine, …parameters, hint where it is a gradient, attributes)`. */
export interface DescriptorCall {
  readonly name: string;
  readonly parameters: string;
  readonly args: readonly unknown[];
  /** True where the call takes the forward primitive as a hint. */
  readonly gradient: boolean;
}

const flags = { globalStatistics: 1, scaleAndShift: 2 | 4, relu: 8 };

/** `dnnl_alg_kind_t` of oneDNN 3. */
export const eltwiseAlgorithms: Readonly<Record<EltwiseAlgorithm, number>> = {
  relu: 0x20,
  sqrt: 0x25,
  linear: 0x26,
  logistic: 0x29,
  swish: 0x2c,
  geluErf: 0x31,
  reluFromOutput: 0x100,
  logisticFromOutput: 0x104,
};
const reductions = { sum: 0x2fff4 };
const poolings = { max: 0x1ff, averageIncludingPadding: 0x2ff };
const NO_DILATION = [0, 0];

function int64(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

/** How oneDNN 3 is asked for a primitive descriptor. */
export function descriptorCall(spec: Exclude<PrimitiveSpec, { kind: "reorder" }>): DescriptorCall {
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
      return forward("matmul", "void *s, void *w, void *b, void *d", [
        spec.source.native,
        spec.weights.native,
        spec.bias?.native ?? null,
        spec.destination.native,
      ]);
    case "binary":
      return forward("binary", "int algorithm, void *a, void *b, void *d", [
        binaryAlgorithms[spec.algorithm],
        spec.first.native,
        spec.second.native,
        spec.destination.native,
      ]);
    case "reduction":
      return forward("reduction", "int algorithm, void *s, void *d, float p, float epsilon", [
        reductions[spec.algorithm],
        spec.source.native,
        spec.destination.native,
        1,
        0,
      ]);
    default:
      throw new TypeError(`unreachable primitive: ${JSON.stringify(spec satisfies never)}`);
  }
}

function forward(name: string, parameters: string, args: readonly unknown[]): DescriptorCall {
  return { name, parameters, args, gradient: false };
}

function backward(name: string, parameters: string, args: readonly unknown[]): DescriptorCall {
  return { name, parameters, args, gradient: true };
}

function convolution(spec: SpecOf<"convolution">): DescriptorCall {
  const { pass, source, weights, bias, destination } = spec;
  const windows = "int64_t *strides, int64_t *dilation, int64_t *left, int64_t *right";
  const window = [spec.strides, NO_DILATION, spec.padding, spec.paddingEnd].map(int64);
  const biased = [source.native, weights.native, bias?.native ?? null, destination.native, ...window];
  switch (pass) {
    case "backwardData":
      return backward("convolution_backward_data", `int algorithm, void *s, void *w, void *d, ${windows}`, [
        CONVOLUTION_DIRECT,
        source.native,
        weights.native,
        destination.native,
        ...window,
      ]);
    case "backwardWeights":
      return backward("convolution_backward_weights", `int algorithm, void *s, void *w, void *b, void *d, ${windows}`, [
        CONVOLUTION_DIRECT,
        ...biased,
      ]);
    default:
      return forward("convolution_forward", `int pass, int algorithm, void *s, void *w, void *b, void *d, ${windows}`, [
        propagation[pass],
        CONVOLUTION_DIRECT,
        ...biased,
      ]);
  }
}

function innerProduct({ pass, source, weights, bias, destination }: SpecOf<"innerProduct">): DescriptorCall {
  const head = [source.native, weights.native];
  const biased = [...head, bias?.native ?? null, destination.native];
  switch (pass) {
    case "backwardData":
      return backward("inner_product_backward_data", "void *s, void *w, void *d", [...head, destination.native]);
    case "backwardWeights":
      return backward("inner_product_backward_weights", "void *s, void *w, void *b, void *d", biased);
    default:
      return forward("inner_product_forward", "int pass, void *s, void *w, void *b, void *d", [
        propagation[pass],
        ...biased,
      ]);
  }
}

function batchNorm({ pass, data, epsilon, globalStatistics, relu }: SpecOf<"batchNorm">): DescriptorCall {
  const flag = flags.scaleAndShift | (globalStatistics ? flags.globalStatistics : 0) | (relu ? flags.relu : 0);
  const { native } = data;
  return pass === "backward"
    ? backward("batch_normalization_backward", "int pass, void *gs, void *gd, void *s, float epsilon, uint flags", [
        propagation.backward,
        native,
        native,
        native,
        epsilon,
        flag,
      ])
    : forward("batch_normalization_forward", "int pass, void *s, void *d, float epsilon, uint flags", [
        propagation[pass],
        native,
        native,
        epsilon,
        flag,
      ]);
}

function layerNorm({ pass, data, statistics, epsilon }: SpecOf<"layerNorm">): DescriptorCall {
  const { native } = data;
  const tail = [statistics.native, epsilon, flags.scaleAndShift];
  return pass === "backward"
    ? backward(
        "layer_normalization_backward",
        "int pass, void *gs, void *gd, void *s, void *statistics, float epsilon, uint flags",
        [propagation.backward, native, native, native, ...tail],
      )
    : forward(
        "layer_normalization_forward",
        "int pass, void *s, void *d, void *statistics, float epsilon, uint flags",
        [propagation[pass], native, native, ...tail],
      );
}

function eltwise({ pass, algorithm, alpha = 0, beta = 0, data }: SpecOf<"eltwise">): DescriptorCall {
  const { native } = data;
  const code = eltwiseAlgorithms[algorithm];
  return pass === "backward"
    ? backward("eltwise_backward", "int algorithm, void *gs, void *gd, void *s, float alpha, float beta", [
        code,
        native,
        native,
        native,
        alpha,
        beta,
      ])
    : forward("eltwise_forward", "int pass, int algorithm, void *s, void *d, float alpha, float beta", [
        propagation[pass],
        code,
        native,
        native,
        alpha,
        beta,
      ]);
}

function pooling(spec: SpecOf<"pooling">): DescriptorCall {
  const windows = "int64_t *strides, int64_t *kernel, int64_t *dilation, int64_t *left, int64_t *right";
  const window = [spec.strides, spec.kernel, NO_DILATION, spec.padding, spec.paddingEnd].map(int64);
  const args = [poolings[spec.algorithm], spec.source.native, spec.destination.native, ...window];
  return spec.pass === "backward"
    ? backward("pooling_backward", `int algorithm, void *s, void *d, ${windows}`, args)
    : forward("pooling_forward", `int pass, int algorithm, void *s, void *d, ${windows}`, [
        propagation[spec.pass],
        ...args,
      ]);
}
