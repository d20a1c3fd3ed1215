import { RegnetError } from "@regnet/core";
import { CommonDnn } from "./common.js";
import { binaryAlgorithms, elementTypes } from "./constants.js";
import type { ChannelBlock } from "./instructionSets.js";
import { type Blocking, describe, type MemoryDescriptor } from "./memoryDescriptor.js";
import { int64sAt, type Pointer } from "./native.js";
import { descriptorCall, eltwiseAlgorithms } from "./operations3.js";
import type { ElementType, PostOp, PrimitiveSpec } from "./specs.js";
import { check, create, createIfImplemented } from "./status.js";
import { rowMajor } from "./strides.js";

const tags = { any: 1, blocked: { 16: 0x4e, 8: 0x66 }, blockedFirst: { 16: 0x72, 8: 0x8a } } as const;
/** `dnnl_query_…` of memory descriptors. */
const queries = {
  strides: 14,
  ranks: 256,
  dims: 257,
  type: 258,
  kind: 262,
  blockCount: 263,
  blocks: 264,
  blockDims: 265,
};
const BLOCKED = 2;
const UNDEFINED_TYPE = 0;

function int64(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

/** oneDNN 3: memory descriptors are handles, and primitive descriptors are made in one call. */
export class Dnn3 extends CommonDnn {
  /** Memory descriptors of the library are freed when nobody refers to them any more. */
  private readonly handles = new FinalizationRegistry<Pointer>((native) => this.destroyLayout(native));

  any(dims: readonly number[], type: ElementType): MemoryDescriptor {
    return this.tagged(dims, type, tags.any);
  }

  blocked(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor {
    return this.inBlocks(dims, type, tags.blocked[block], `${block}b`);
  }

  blockedFirst(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor {
    return this.inBlocks(dims, type, tags.blockedFirst[block], `${block}a`);
  }

  strided(shape: readonly number[], type: ElementType, strides?: readonly number[]): MemoryDescriptor {
    const dims = shape.length === 0 ? [1] : shape;
    const steps = strides ?? rowMajor(dims);
    return this.layout(`${type} ${dims} by ${steps}`, () => this.byStrides(dims, type, steps));
  }

  private byStrides(dims: readonly number[], type: ElementType, strides: readonly number[]): MemoryDescriptor {
    const function_ = this.function(
      "int dnnl_memory_desc_create_with_strides(_Out_ void **md, int ndims, int64_t *dims, int type, int64_t *strides)",
    );
    const args = [dims.length, int64(dims), elementTypes[type], int64(strides)];
    return this.own(create(function_, `a layout of [${dims}]`, ...args));
  }

  permuted({ native, key }: MemoryDescriptor, order: readonly number[]): MemoryDescriptor {
    return this.layout(`${key} permuted ${order}`, () => {
      const function_ = this.function("int dnnl_memory_desc_permute_axes(_Out_ void **result, void *md, int *order)");
      return this.own(create(function_, `a layout permuted by [${order}]`, native, Int32Array.from(order)));
    });
  }

  postOpArgument(index: number): number {
    return (0x8000 * (index + 1)) | 2;
  }

  protected wrap(native: Pointer | null): MemoryDescriptor {
    if (native === null) return NOTHING;
    const clone = this.function("int dnnl_memory_desc_clone(_Out_ void **md, void *existing)");
    return this.own(create(clone, "a layout", native));
  }

  protected appendPostOp(chain: Pointer, postOp: PostOp): void {
    check(this.append(chain, postOp), `a post-op (${postOp.kind})`);
  }

  protected createDescriptor(spec: PrimitiveSpec, attributes: Pointer, hint?: Pointer): Pointer | undefined {
    if (spec.kind === "reorder") {
      return this.reorderDescriptor(spec.source.native, spec.destination.native, attributes);
    }
    const { name, parameters, args, gradient } = descriptorCall(spec);
    const tail = gradient ? "void *hint, void *attributes" : "void *attributes";
    const declaration = `int dnnl_${name}_primitive_desc_create(_Out_ void **pd, void *engine, ${parameters}, ${tail})`;
    const rest = gradient ? [hint ?? null, attributes] : [attributes];
    return createIfImplemented(this.function(declaration), name.replaceAll("_", " "), this.engine, ...args, ...rest);
  }

  private append(chain: Pointer, postOp: PostOp): unknown {
    switch (postOp.kind) {
      case "eltwise": {
        const { algorithm, alpha = 0, beta = 0 } = postOp;
        const function_ = this.function(
          "int dnnl_post_ops_append_eltwise(void *chain, int algorithm, float alpha, float beta)",
        );
        return function_(chain, eltwiseAlgorithms[algorithm], alpha, beta);
      }
      case "sum": {
        const function_ = this.function(
          "int dnnl_post_ops_append_sum(void *chain, float scale, int32_t zeroPoint, int type)",
        );
        return function_(chain, postOp.scale, 0, UNDEFINED_TYPE);
      }
      case "binary": {
        const function_ = this.function("int dnnl_post_ops_append_binary(void *chain, int algorithm, void *md)");
        return function_(chain, binaryAlgorithms[postOp.algorithm], postOp.operand.native);
      }
      default:
        throw new TypeError(`unreachable post-op: ${JSON.stringify(postOp satisfies never)}`);
    }
  }

  private tagged(dims: readonly number[], type: ElementType, tag: number): MemoryDescriptor {
    return this.layout(`${type} ${dims} as ${tag}`, () => this.byTag(dims, type, tag));
  }

  private byTag(dims: readonly number[], type: ElementType, tag: number): MemoryDescriptor {
    const function_ = this.function(
      "int dnnl_memory_desc_create_with_tag(_Out_ void **md, int ndims, int64_t *dims, int type, int tag)",
    );
    return this.own(create(function_, `a layout of [${dims}]`, dims.length, int64(dims), elementTypes[type], tag));
  }

  /** `tagged`, and a check that the tag still means what it meant in the version this was written for. */
  private inBlocks(dims: readonly number[], type: ElementType, tag: number, ending: string): MemoryDescriptor {
    const layout = this.tagged(dims, type, tag);
    if (!layout.key.endsWith(` ${ending}`)) {
      throw new RegnetError(`unsupported oneDNN ${this.version}: its layouts have other numbers`, "unsupported");
    }
    return layout;
  }

  private own(native: Pointer): MemoryDescriptor {
    const { dims, type, blocking } = this.read(native);
    const bytes = blocking ? Number(this.function("size_t dnnl_memory_desc_get_size(void *md)")(native)) : 0;
    const layout = { native, dims, type, bytes, any: !blocking, key: describe(type, dims, blocking) };
    this.handles.register(layout, native);
    return layout;
  }

  private read(native: Pointer): { dims: number[]; type: ElementType; blocking: Blocking | undefined } {
    const ranks = this.number(native, queries.ranks);
    const list = (what: number, count: number) => (count > 0 ? int64sAt(this.pointer(native, what), count) : []);
    const code = ranks > 0 ? this.number(native, queries.type) : 0;
    const type = (Object.keys(elementTypes) as ElementType[]).find((name) => elementTypes[name] === code) ?? "u8";
    const dims = list(queries.dims, ranks);
    if (ranks === 0 || this.number(native, queries.kind) !== BLOCKED) return { dims, type, blocking: undefined };
    const inner = this.number(native, queries.blockCount);
    const blocks = list(queries.blocks, inner);
    return {
      dims,
      type,
      blocking: { strides: list(queries.strides, ranks), blocks, blockDims: list(queries.blockDims, inner) },
    };
  }

  private number(native: Pointer, what: number): number {
    const slot = [0];
    const function_ = this.function("int dnnl_memory_desc_query(void *md, int what, _Out_ int *result)");
    check(function_(native, what, slot), "a layout's description");
    return slot[0];
  }

  private pointer(native: Pointer, what: number): Pointer {
    const slot: (Pointer | null)[] = [null];
    const function_ = this.function("int dnnl_memory_desc_query(void *md, int what, _Out_ void **result)");
    check(function_(native, what, slot), "a layout's description");
    return slot[0]!;
  }

  private destroyLayout(native: Pointer): void {
    this.function("int dnnl_memory_desc_destroy(void *md)")(native);
  }
}

/** What a primitive without such an operand has in its place. */
const NOTHING: MemoryDescriptor = { native: 0n, dims: [], type: "u8", bytes: 0, any: true, key: "nothing" };
