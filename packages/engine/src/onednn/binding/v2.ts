import { CommonDnn } from "./common.js";
import { binaryAlgorithms, elementTypes } from "./constants.js";
import type { ChannelBlock } from "./instructionSets.js";
import { type Blocking, describe, type MemoryDescriptor } from "./memoryDescriptor.js";
import { bytesAt, type Pointer } from "./native.js";
import { eltwiseAlgorithms, int64, operationCall } from "./operations2.js";
import type { ElementType, PostOp, PrimitiveSpec } from "./specs.js";
import { check, createIfImplemented } from "./status.js";
import { rowMajor } from "./strides.js";

/** `sizeof(dnnl_memory_desc_t)` and the offsets of its fields. */
const layout = { size: 696, dims: 8, type: 104, kind: 312, strides: 320, blockCount: 416, blocks: 424, blockDims: 520 };
const BLOCKED = 2;
/** No operation descriptor the engine uses is larger. */
const DESCRIPTOR_BYTES = 8192;
const tags = { any: 1, blocked: { 16: 69, 8: 93 }, blockedFirst: { 16: 105, 8: 129 } } as const;
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

/** oneDNN 2.6 and 2.7: operation descriptors are filled in first, then primitive descriptors are made of them. */
export class Dnn2 extends CommonDnn {
  /** Filled in as a whole by each operation; primitive descriptors copy it. */
  private readonly operation = Buffer.alloc(DESCRIPTOR_BYTES);

  any(dims: readonly number[], type: ElementType): MemoryDescriptor {
    return this.tagged(dims, type, tags.any);
  }

  blocked(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor {
    return this.tagged(dims, type, tags.blocked[block]);
  }

  blockedFirst(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor {
    return this.tagged(dims, type, tags.blockedFirst[block]);
  }

  strided(shape: readonly number[], type: ElementType, strides?: readonly number[]): MemoryDescriptor {
    const dims = shape.length === 0 ? [1] : shape;
    const steps = strides ?? rowMajor(dims);
    return this.layout(`${type} ${dims} by ${steps}`, () => this.byStrides(dims, type, steps));
  }

  private byStrides(dims: readonly number[], type: ElementType, strides: readonly number[]): MemoryDescriptor {
    const native = Buffer.alloc(layout.size);
    const function_ = this.function(
      "int dnnl_memory_desc_init_by_strides(void *md, int ndims, int64_t *dims, int type, int64_t *strides)",
    );
    check(function_(native, dims.length, int64(dims), elementTypes[type], int64(strides)), `a layout of [${dims}]`);
    return this.describeMemory(native);
  }

  permuted({ native, key }: MemoryDescriptor, order: readonly number[]): MemoryDescriptor {
    return this.layout(`${key} permuted ${order}`, () => {
      const result = Buffer.alloc(layout.size);
      const function_ = this.function("int dnnl_memory_desc_permute_axes(void *result, void *md, int *order)");
      check(function_(result, native, Int32Array.from(order)), `a layout permuted by [${order}]`);
      return this.describeMemory(result);
    });
  }

  postOpArgument(index: number): number {
    return (0x4000 * (index + 1)) | 2;
  }

  protected wrap(native: Pointer | null): MemoryDescriptor {
    return this.describeMemory(bytesAt(native, layout.size));
  }

  protected appendPostOp(chain: Pointer, postOp: PostOp): void {
    check(this.append(chain, postOp), `a post-op (${postOp.kind})`);
  }

  private append(chain: Pointer, postOp: PostOp): unknown {
    switch (postOp.kind) {
      case "eltwise": {
        const { algorithm, alpha = 0, beta = 0 } = postOp;
        return this.function(
          "int dnnl_post_ops_append_eltwise(void *chain, float scale, int algorithm, float alpha, float beta)",
        )(chain, 1, eltwiseAlgorithms[algorithm], alpha, beta);
      }
      case "sum":
        return this.function("int dnnl_post_ops_append_sum(void *chain, float scale)")(chain, postOp.scale);
      case "binary":
        return this.function("int dnnl_post_ops_append_binary(void *chain, int algorithm, void *md)")(
          chain,
          binaryAlgorithms[postOp.algorithm],
          postOp.operand.native,
        );
      default:
        throw new TypeError(`unreachable post-op: ${JSON.stringify(postOp satisfies never)}`);
    }
  }

  protected createDescriptor(spec: PrimitiveSpec, attributes: Pointer, hint?: Pointer): Pointer | undefined {
    if (spec.kind === "reorder") {
      return this.reorderDescriptor(spec.source.native, spec.destination.native, attributes);
    }
    const { operation } = this;
    const { name, parameters, args } = operationCall(spec);
    const initialise = this.function(`int dnnl_${name}_desc_init(void *operation, ${parameters})`);
    check(initialise(operation, ...args), name.replaceAll("_", " "));
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

  private tagged(dims: readonly number[], type: ElementType, tag: number): MemoryDescriptor {
    return this.layout(`${type} ${dims} as ${tag}`, () => this.byTag(dims, type, tag));
  }

  private byTag(dims: readonly number[], type: ElementType, tag: number): MemoryDescriptor {
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
