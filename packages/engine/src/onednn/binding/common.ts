import { argument, type DescriptorQuery, query } from "./constants.js";
import type { ArgumentKey, Dnn, PrimitiveDescriptor } from "./dnn.js";
import { type ChannelBlock, type InstructionSet, instructionSet } from "./instructionSets.js";
import type { DnnLibrary } from "./library.js";
import type { MemoryDescriptor } from "./memoryDescriptor.js";
import { type NativeFunction, type Pointer, stringAt } from "./native.js";
import type { ElementType, PostOp, PrimitiveSpec } from "./specs.js";
import { check, create, createIfImplemented } from "./status.js";

const CPU = 1;
const USER_SCRATCHPAD = 1;
/** Layouts that are remembered; a process that compiles thousands of networks forgets them now and then. */
const LAYOUTS = 4096;

/** What the C APIs of oneDNN 2 and 3 have in common. */
export abstract class CommonDnn implements Dnn {
  readonly version: string;
  readonly instructionSet: string;
  readonly channelBlocks: readonly ChannelBlock[];
  readonly bf16: boolean;
  readonly tiles: boolean;
  readonly gradientsReadShift: boolean;
  protected readonly engine: Pointer;
  /** The stream's address, as `execute` passes it. */
  private readonly stream: number;
  private readonly executeFunction: NativeFunction;
  private readonly functions = new Map<string, NativeFunction>();
  private readonly layouts = new Map<string, MemoryDescriptor>();

  constructor(protected readonly loaded: DnnLibrary) {
    this.version = loaded.version;
    this.gradientsReadShift = loaded.major === 2;
    const { name, channelBlocks, bf16, tiles }: InstructionSet = instructionSet(
      Number(this.function("int dnnl_get_effective_cpu_isa()")()),
      loaded.major,
    );
    [this.instructionSet, this.channelBlocks] = [name, channelBlocks];
    [this.bf16, this.tiles] = [bf16, tiles];
    const engine = this.function("int dnnl_engine_create(_Out_ void **engine, int kind, size_t index)");
    this.engine = create(engine, "an engine", CPU, 0);
    const stream = this.function("int dnnl_stream_create(_Out_ void **stream, void *engine, uint flags)");
    this.stream = Number(create(stream, "a stream", this.engine, 1));
    this.executeFunction = this.function(
      "int dnnl_primitive_execute(uintptr_t primitive, uintptr_t stream, int count, uintptr_t args)",
    );
  }

  get openmp(): boolean {
    return this.loaded.openmp;
  }

  abstract any(dims: readonly number[], type: ElementType): MemoryDescriptor;
  abstract strided(dims: readonly number[], type: ElementType, strides?: readonly number[]): MemoryDescriptor;
  abstract blocked(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor;
  abstract blockedFirst(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor;

  abstract permuted(layout: MemoryDescriptor, order: readonly number[]): MemoryDescriptor;

  abstract postOpArgument(index: number): number;

  /** The descriptor's handle from a specification, or undefined where nothing implements it. */
  protected abstract createDescriptor(spec: PrimitiveSpec, attributes: Pointer, hint?: Pointer): Pointer | undefined;
  /** A copy or a reference, valid as long as its owner, of a memory descriptor of the library. */
  protected abstract wrap(native: Pointer | null): MemoryDescriptor;
  protected abstract appendPostOp(chain: Pointer, postOp: PostOp): void;

  describe(spec: PrimitiveSpec, postOps: readonly PostOp[] = [], hint?: PrimitiveDescriptor) {
    const attributes = this.createAttributes(postOps);
    try {
      const native = this.createDescriptor(spec, attributes, hint?.native);
      return native === undefined ? undefined : this.descriptor(native);
    } finally {
      this.function("int dnnl_primitive_attr_destroy(void *attributes)")(attributes);
    }
  }

  createPrimitive({ native, kernel }: PrimitiveDescriptor): Pointer {
    return create(
      this.function("int dnnl_primitive_create(_Out_ void **primitive, void *descriptor)"),
      `a primitive (${kernel})`,
      native,
    );
  }

  createMemory({ native }: MemoryDescriptor, address: Pointer): Pointer {
    const function_ = this.function(
      "int dnnl_memory_create(_Out_ void **memory, void *md, void *engine, void *handle)",
    );
    return create(function_, "a memory", native, this.engine, address);
  }

  execute(primitive: number, count: number, packed: number): void {
    const status = this.executeFunction(primitive, this.stream, count, packed);
    if (status !== 0) check(status, "a primitive's execution");
  }

  destroyDescriptor({ native }: PrimitiveDescriptor): void {
    this.function("int dnnl_primitive_desc_destroy(void *descriptor)")(native);
  }

  destroyPrimitive(primitive: Pointer): void {
    this.function("int dnnl_primitive_destroy(void *primitive)")(primitive);
  }

  destroyMemory(memory: Pointer): void {
    this.function("int dnnl_memory_destroy(void *memory)")(memory);
  }

  /** A function by its C declaration, looked up once. */
  protected function(declaration: string): NativeFunction {
    let function_ = this.functions.get(declaration);
    if (!function_) {
      function_ = this.loaded.library.function(declaration);
      this.functions.set(declaration, function_);
    }
    return function_;
  }

  /** The layout that `key` says all of, made once. */
  protected layout(key: string, make: () => MemoryDescriptor): MemoryDescriptor {
    let layout = this.layouts.get(key);
    if (!layout) {
      if (this.layouts.size >= LAYOUTS) this.layouts.clear();
      layout = make();
      this.layouts.set(key, layout);
    }
    return layout;
  }

  protected reorderDescriptor(source: unknown, destination: unknown, attributes: Pointer): Pointer | undefined {
    const function_ = this.function(
      "int dnnl_reorder_primitive_desc_create(_Out_ void **pd, void *src, void *se, void *dst, void *de, void *attr)",
    );
    return createIfImplemented(function_, "a reorder", source, this.engine, destination, this.engine, attributes);
  }

  private createAttributes(postOps: readonly PostOp[]): Pointer {
    const attributes = create(this.function("int dnnl_primitive_attr_create(_Out_ void **attributes)"), "attributes");
    check(
      this.function("int dnnl_primitive_attr_set_scratchpad_mode(void *attributes, int mode)")(
        attributes,
        USER_SCRATCHPAD,
      ),
      "a scratchpad mode",
    );
    if (postOps.length > 0) this.setPostOps(attributes, postOps);
    return attributes;
  }

  private setPostOps(attributes: Pointer, postOps: readonly PostOp[]): void {
    const chain = create(this.function("int dnnl_post_ops_create(_Out_ void **chain)"), "post-ops");
    try {
      for (const postOp of postOps) this.appendPostOp(chain, postOp);
      check(
        this.function("int dnnl_primitive_attr_set_post_ops(void *attributes, void *chain)")(attributes, chain),
        "post-ops",
      );
    } finally {
      this.function("int dnnl_post_ops_destroy(void *chain)")(chain);
    }
  }

  private descriptor(native: Pointer): PrimitiveDescriptor {
    const known = new Map<DescriptorQuery, MemoryDescriptor>();
    const memory = (what: DescriptorQuery) => {
      let found = known.get(what);
      if (!found) {
        found = this.wrap(
          this.function("void *dnnl_primitive_desc_query_md(void *pd, int what, int index)")(
            native,
            query[what],
            0,
          ) as Pointer | null,
        );
        known.set(what, found);
      }
      return found;
    };
    return { native, kernel: this.kernelName(native), memory };
  }

  protected kernelName(native: Pointer): string {
    const slot: (Pointer | null)[] = [null];
    const function_ = this.function(
      "int dnnl_primitive_desc_query(void *pd, int what, int index, _Out_ void **result)",
    );
    return function_(native, query.kernelName, 0, slot) === 0 && slot[0] ? stringAt(slot[0]) : "";
  }
}

/** Size of a `dnnl_exec_arg_t`: number, padding, memory. */
export const ARGUMENT_BYTES = 16;

/** The array of `dnnl_exec_arg_t` whose address `execute` takes; it must stay referenced meanwhile. */
export function packArguments(entries: readonly (readonly [ArgumentKey, Pointer])[]): Buffer {
  const packed = Buffer.alloc(ARGUMENT_BYTES * entries.length);
  entries.forEach(([key, memory], i) => {
    packed.writeInt32LE(typeof key === "number" ? key : argument[key], ARGUMENT_BYTES * i);
    packed.writeBigUInt64LE(memory, ARGUMENT_BYTES * i + 8);
  });
  return packed;
}
