import type { Argument, DescriptorQuery } from "./constants.js";
import type { ChannelBlock } from "./instructionSets.js";
import type { MemoryDescriptor } from "./memoryDescriptor.js";
import type { Pointer } from "./native.js";
import type { ElementType, PostOp, PrimitiveSpec } from "./specs.js";

/** A primitive as the library would make it: its kernel and the layouts it wants. */
export interface PrimitiveDescriptor {
  readonly native: Pointer;
  /** The library's name of the implementation, for instance `jit:avx512_core` or `ref:any`. */
  readonly kernel: string;
  /** What the kernel expects or makes, in the layout it chose. */
  memory(what: DescriptorQuery): MemoryDescriptor;
}

/**
 * oneDNN's C API on the CPU, the same for versions 2 and 3. Descriptors, primitives and memories belong to the
 * caller, who destroys them.
 */
export interface Dnn {
  readonly version: string;
  /** For instance "avx512_core_bf16". */
  readonly instructionSet: string;
  /** Whether its threads are OpenMP's, whose number can be set. */
  readonly openmp: boolean;
  /** Channels in a block of the layouts that there are fast kernels for, what wide groups like best first. */
  readonly channelBlocks: readonly ChannelBlock[];
  /** Whether bfloat16 kernels exist for this processor. */
  readonly bf16: boolean;
  /** Whether bfloat16 kernels multiply tiles (AMX), which they do with channels last only. */
  readonly tiles: boolean;
  /** Whether gradients of batch norms expect the shift among their arguments; those of layer norms always do. */
  readonly gradientsReadShift: boolean;
  /** A layout the library may choose. */
  any(dims: readonly number[], type: ElementType): MemoryDescriptor;
  /** Strides in elements, one a dimension; row-major by default. */
  strided(dims: readonly number[], type: ElementType, strides?: readonly number[]): MemoryDescriptor;
  /** [N, C, H, W] with channels in blocks: `aBcd16b` or `aBcd8b`. */
  blocked(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor;
  /** Depthwise weights [groups, 1, 1, height, width] with groups in blocks: `Abcde16a` or `Abcde8a`. */
  blockedFirst(dims: readonly number[], type: ElementType, block: ChannelBlock): MemoryDescriptor;
  /** The same memory with its dimensions in another order: the i-th becomes number `order[i]`. */
  permuted(layout: MemoryDescriptor, order: readonly number[]): MemoryDescriptor;
  /**
   * The library's best implementation, or undefined if it has none. `hint` is the forward primitive of a gradient.
   *
   * @throws RegnetError when the arguments do not fit each other
   */
  describe(
    spec: PrimitiveSpec,
    postOps?: readonly PostOp[],
    hint?: PrimitiveDescriptor,
  ): PrimitiveDescriptor | undefined;
  /** The number of the operand of a binary post-op, by its place in the chain. */
  postOpArgument(index: number): number;
  createPrimitive(descriptor: PrimitiveDescriptor): Pointer;
  createMemory(descriptor: MemoryDescriptor, address: Pointer): Pointer;
  /**
   * Returns when the work is done. Addresses are numbers here, which cost less than bigints where it counts.
   *
   * @param packed address of what `packArguments` made
   */
  execute(primitive: number, count: number, packed: number): void;
  destroyDescriptor(descriptor: PrimitiveDescriptor): void;
  destroyPrimitive(primitive: Pointer): void;
  destroyMemory(memory: Pointer): void;
}

/** An argument of a primitive: by name, or the number of a post-op's operand. */
export type ArgumentKey = Argument | number;
