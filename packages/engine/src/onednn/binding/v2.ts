import { CommonDnn } from "./common.js";
import { binaryAlgorithms, CONVOLUTION_DIRECT, elementTypes, propagation } from "./constants.js";
import { type Blocking, describe, type MemoryDescriptor } from "./memoryDescriptor.js";
import { bytesAt, type Pointer } from "./native.js";
import type { ElementType, EltwiseAlgorithm, PostOp, PrimitiveSpec, ReductionAlgorithm, SpecOf } from "./specs.js";
import { check, createIfImplemented } from "./status.js";

/** `sizeof(dnnl_memory_desc_t)` and the offsets of its fields. */
const layout = { size: 696, dims: 8, type: 104, kind: 312, strides: 320, blockCount: 416, blocks: 424, blockDims: 520 };
const BLOCKED = 2;
/** No operation descriptor the engine uses is larger. */
const DESCRIPTOR_BYTES = 8192;
const tags = { any: 1, 16: 69, 8: 93 } as const;
const flags = { globalStatistics: 1, relu: 4, scaleAndShift: 8 | 16 };

const eltwise: Readonly<Record<EltwiseAlgorithm, number>> = {
  relu: 0x1f,
  square: 0x4f,
  sqrt: 0x6f,
  linear: 0x7f,
  logistic: 0xaf,
  exp: 0xbf,
  swish: 0xdf,
  clip: 0xff,
  pow: 0x20,
  geluErf: 0x30,
  reluFromOutput: 0x100,
  logisticFromOutput: 0x104,
};
const reduction: Readonly<Record<ReductionAlgorithm, number>> = { sum: 196596, mean: 196598, sumOfPowers: 196602 };
const pooling = { max: 0x1ff, averageIncludingPadding: 0x2ff };
const softmax = { accurate: 0x30000, logarithm: 0x30001 };

/** A reader's view of a `dnnl_memory_desc_t`. */
function read(native: Buffer): { dims: number[]; type: ElementType; blocking: Blocking | undefined } {
  const ranks = native.readInt32LE(0);
  const list = (offset: number, count: number) =>
    Array.from({ length: count }, (_, i) => Number(native.readBigInt64LE(offset + 8 * i)));
  const code = native.readInt32LE(layout.type);
  const type = (Object.keys(elementTypes) as ElementType[]).find((name) => elementTypes[name] === code) ?? "u8";
  const dims = list(layout.dims, ranks);
  if (native.readInt32LE(layout.kind) !== BLOCKED) return { dims, type, blocking: undefined };
  const inner = native.readInt32LE(layout.blockCount);
  return {
    dims,
    type,
    blocking: {
      strides: list(layout.strides, ranks),
      blocks: list(layout.blocks, inner),
      blockDims: list(layout.blockDims, inner),
    },
  };
}

function int64(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

/** oneDNN 2.6 and 2.7: operation descriptors are filled in first, then primitive descriptors are made of them. */
export class Dnn2 extends CommonDnn {
  any(dims: readonly number[], type: ElementType): MemoryDescriptor {
    return this.tagged(dims, type, tags.any);
  }

  blocked(dims: readonly number[], type: ElementType): MemoryDescriptor {
    return this.tagged(dims, type, tags[this.channelBlock]);
  }

  strided(dims: readonly number[], type: ElementType, strides?: readonly number[]): MemoryDescriptor {
    const native = Buffer.alloc(layout.size);
    const function_ = this.function(
      "int dnnl_memory_desc_init_by_strides(void *md, int ndims, int64_t *dims, int type, int64_t *strides)",
    );
    const steps = int64(strides ?? rowMajor(dims));
    check(function_(native, dims.length, int64(dims), elementTypes[type], steps), `a layout of [${dims}]`);
    return this.describeMemory(native);
  }

  protected wrap(native: Pointer): MemoryDescriptor {
    return this.describeMemory(bytesAt(native, layout.size));
  }

  protected appendPostOp(chain: Pointer, postOp: PostOp): void {
    switch (postOp.kind) {
      case "eltwise": {
        const { algorithm, alpha = 0, beta = 0 } = postOp;
        const function_ = this.function(
          "int dnnl_post_ops_append_eltwise(void *chain, float scale, int algorithm, float alpha, float beta)",
        );
        return check(function_(chain, 1, eltwise[algorithm], alpha, beta), "a post-op");
      }
      case "sum":
        return check(
          this.function("int dnnl_post_ops_append_sum(void *chain, float scale)")(chain, postOp.scale),
          "a post-op",
        );
      case "binary": {
        const function_ = this.function("int dnnl_post_ops_append_binary(void *chain, int algorithm, void *md)");
        return check(function_(chain, binaryAlgorithms[postOp.algorithm], postOp.operand.native), "a post-op");
      }
      default:
        postOp satisfies never;
    }
  }

  protected createDescriptor(spec: PrimitiveSpec, attributes: Pointer, hint?: Pointer): Pointer | undefined {
    if (spec.kind === "reorder") {
      return this.reorderDescriptor(spec.source.native, spec.destination.native, attributes);
    }
    const operation = Buffer.alloc(DESCRIPTOR_BYTES);
    this.initialise(operation, spec);
    return createIfImplemented(
      this.function(
        "int dnnl_primitive_desc_create(_Out_ void **pd, void *operation, void *attributes, void *engine, void *hint)",
      ),
      `${spec.kind} primitive`,
      operation,
      attributes,
      this.engine,
      hint ?? null,
    );
  }

  private initialise(operation: Buffer, spec: Exclude<PrimitiveSpec, { kind: "reorder" }>): void {
    switch (spec.kind) {
      case "convolution":
        return this.convolution(operation, spec);
      case "innerProduct":
        return this.innerProduct(operation, spec);
      case "batchNorm":
        return this.batchNorm(operation, spec);
      case "layerNorm":
        return this.layerNorm(operation, spec);
      case "eltwise":
        return this.eltwise(operation, spec);
      case "pooling":
        return this.pooling(operation, spec);
      case "matmul":
        return this.init("matmul", "void *s, void *w, void *b, void *d", operation, [
          spec.source.native,
          spec.weights.native,
          spec.bias?.native ?? null,
          spec.destination.native,
        ]);
      case "binary":
        return this.init("binary", "int algorithm, void *a, void *b, void *d", operation, [
          binaryAlgorithms[spec.algorithm],
          spec.first.native,
          spec.second.native,
          spec.destination.native,
        ]);
      case "reduction":
        return this.init("reduction", "int algorithm, void *s, void *d, float p, float epsilon", operation, [
          reduction[spec.algorithm],
          spec.source.native,
          spec.destination.native,
          spec.power ?? 1,
          0,
        ]);
      case "softmax":
        return this.init("softmax_v2_forward", "int pass, int algorithm, void *s, void *d, int axis", operation, [
          propagation.inference,
          spec.logarithm ? softmax.logarithm : softmax.accurate,
          spec.data.native,
          spec.data.native,
          spec.axis,
        ]);
      default:
        spec satisfies never;
    }
  }

  private convolution(operation: Buffer, spec: SpecOf<"convolution">): void {
    const { pass, source, weights, bias, destination } = spec;
    const window = [int64(spec.strides), int64(spec.padding), int64(spec.paddingEnd)];
    const windows = "int64_t *strides, int64_t *left, int64_t *right";
    const head = [CONVOLUTION_DIRECT, source.native, weights.native];
    const tail = [destination.native, ...window];
    if (pass === "backwardData") {
      const declaration = `int algorithm, void *s, void *w, void *d, ${windows}`;
      this.init("convolution_backward_data", declaration, operation, [...head, ...tail]);
    } else if (pass === "backwardWeights") {
      const declaration = `int algorithm, void *s, void *w, void *b, void *d, ${windows}`;
      this.init("convolution_backward_weights", declaration, operation, [...head, bias?.native ?? null, ...tail]);
    } else {
      const declaration = `int pass, int algorithm, void *s, void *w, void *b, void *d, ${windows}`;
      const args = [propagation[pass], ...head, bias?.native ?? null, ...tail];
      this.init("convolution_forward", declaration, operation, args);
    }
  }

  private innerProduct(operation: Buffer, { pass, source, weights, bias, destination }: SpecOf<"innerProduct">): void {
    const head = [source.native, weights.native];
    if (pass === "backwardData") {
      const args = [...head, destination.native];
      this.init("inner_product_backward_data", "void *s, void *w, void *d", operation, args);
    } else if (pass === "backwardWeights") {
      const args = [...head, bias?.native ?? null, destination.native];
      this.init("inner_product_backward_weights", "void *s, void *w, void *b, void *d", operation, args);
    } else {
      const args = [propagation[pass], ...head, bias?.native ?? null, destination.native];
      this.init("inner_product_forward", "int pass, void *s, void *w, void *b, void *d", operation, args);
    }
  }

  private batchNorm(operation: Buffer, { pass, data, epsilon, globalStatistics, relu }: SpecOf<"batchNorm">): void {
    const flag = flags.scaleAndShift | (globalStatistics ? flags.globalStatistics : 0) | (relu ? flags.relu : 0);
    if (pass === "backward") {
      this.init("batch_normalization_backward", "int pass, void *g, void *s, float epsilon, uint flags", operation, [
        propagation.backward,
        data.native,
        data.native,
        epsilon,
        flag,
      ]);
    } else {
      const args = [propagation[pass], data.native, epsilon, flag];
      this.init("batch_normalization_forward", "int pass, void *s, float epsilon, uint flags", operation, args);
    }
  }

  private layerNorm(operation: Buffer, { pass, data, statistics, epsilon }: SpecOf<"layerNorm">): void {
    const tail = [statistics.native, epsilon, flags.scaleAndShift];
    if (pass === "backward") {
      const declaration = "int pass, void *g, void *s, void *statistics, float epsilon, uint flags";
      const args = [propagation.backward, data.native, data.native, ...tail];
      this.init("layer_normalization_backward", declaration, operation, args);
    } else {
      const declaration = "int pass, void *s, void *statistics, float epsilon, uint flags";
      this.init("layer_normalization_forward", declaration, operation, [propagation[pass], data.native, ...tail]);
    }
  }

  private eltwise(operation: Buffer, { pass, algorithm, alpha = 0, beta = 0, data }: SpecOf<"eltwise">): void {
    if (pass === "backward") {
      const args = [eltwise[algorithm], data.native, data.native, alpha, beta];
      this.init("eltwise_backward", "int algorithm, void *g, void *s, float alpha, float beta", operation, args);
    } else {
      // a derivative in terms of the result has the plain function as its forward primitive, in training
      const forTraining = algorithm.endsWith("FromOutput");
      const args = [propagation[forTraining ? "training" : "inference"], eltwise[algorithm], data.native, alpha, beta];
      this.init("eltwise_forward", "int pass, int algorithm, void *s, float alpha, float beta", operation, args);
    }
  }

  private pooling(operation: Buffer, spec: SpecOf<"pooling">): void {
    const windows = "int64_t *strides, int64_t *kernel, int64_t *left, int64_t *right";
    const window = [spec.strides, spec.kernel, spec.padding, spec.paddingEnd].map(int64);
    const args = [pooling[spec.algorithm], spec.source.native, spec.destination.native, ...window];
    if (spec.pass === "backward") {
      this.init("pooling_backward", `int algorithm, void *s, void *d, ${windows}`, operation, args);
    } else {
      const declaration = `int pass, int algorithm, void *s, void *d, ${windows}`;
      this.init("pooling_forward", declaration, operation, [propagation[spec.pass], ...args]);
    }
  }

  private init(name: string, parameters: string, operation: Buffer, args: readonly unknown[]): void {
    const function_ = this.function(`int dnnl_${name}_desc_init(void *operation, ${parameters})`);
    check(function_(operation, ...args), name.replaceAll("_", " "));
  }

  private tagged(dims: readonly number[], type: ElementType, tag: number): MemoryDescriptor {
    const native = Buffer.alloc(layout.size);
    const function_ = this.function(
      "int dnnl_memory_desc_init_by_tag(void *md, int ndims, int64_t *dims, int type, int tag)",
    );
    check(function_(native, dims.length, int64(dims), elementTypes[type], tag), `a layout of [${dims}]`);
    return this.describeMemory(native);
  }

  private describeMemory(native: Buffer): MemoryDescriptor {
    const { dims, type, blocking } = read(native);
    const bytes = blocking ? Number(this.function("size_t dnnl_memory_desc_get_size(void *md)")(native)) : 0;
    return { native, dims, type, bytes, any: !blocking, key: describe(type, dims, blocking) };
  }
}

/** Strides of the plain layout. */
export function rowMajor(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * dims[axis + 1];
  return strides;
}
