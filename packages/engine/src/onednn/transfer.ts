import { invalid, size } from "@regnet/core";
import { packArguments } from "./binding/common.js";
import type { ArgumentKey, Dnn } from "./binding/dnn.js";
import type { MemoryDescriptor } from "./binding/memoryDescriptor.js";
import { addressOf, type Pointer } from "./binding/native.js";
import { sharedArray } from "./plan/tensor.js";

/** A reorder that was made before: what it runs on, besides its operands. */
interface Reorder {
  readonly primitive: Pointer;
  readonly scratch?: { readonly array: Float32Array; readonly memory: Pointer };
}

/** Copies arrays in plain layout into memories of the library, and back, through one buffer that stays in place. */
export class Transfers {
  private buffer = sharedArray(0);
  /** The arguments of the latest call, which the library reads where they are. */
  private packed = packArguments([]);
  private readonly reorders = new Map<string, Reorder>();

  constructor(private readonly dnn: Dnn) {}

  load(layout: MemoryDescriptor, memory: Pointer, values: Float32Array): void {
    const staged = this.staged(values.length);
    staged.set(values);
    this.between(layout, staged, (plain, outside) => this.reorder(plain, outside, layout, memory));
  }

  store(layout: MemoryDescriptor, memory: Pointer, values: Float32Array): void {
    const staged = this.staged(values.length);
    this.between(layout, staged, (plain, outside) => this.reorder(layout, memory, plain, outside));
    values.set(staged);
  }

  release(): void {
    for (const { primitive, scratch } of this.reorders.values()) {
      if (scratch) this.dnn.destroyMemory(scratch.memory);
      this.dnn.destroyPrimitive(primitive);
    }
    this.reorders.clear();
  }

  private staged(length: number): Float32Array {
    if (this.buffer.length < length) this.buffer = sharedArray(length);
    return this.buffer.subarray(0, length);
  }

  private between(
    { dims }: MemoryDescriptor,
    staged: Float32Array,
    work: (plain: MemoryDescriptor, outside: Pointer) => void,
  ): void {
    const plain = this.dnn.strided(dims, "f32");
    const outside = this.dnn.createMemory(plain, addressOf(staged));
    try {
      work(plain, outside);
    } finally {
      this.dnn.destroyMemory(outside);
    }
  }

  private reorder(from: MemoryDescriptor, source: Pointer, to: MemoryDescriptor, destination: Pointer): void {
    const { primitive, scratch } = this.reorderOf(from, to);
    const entries: [ArgumentKey, Pointer][] = [
      ["source", source],
      ["destination", destination],
    ];
    if (scratch) entries.push(["scratchpad", scratch.memory]);
    this.packed = packArguments(entries);
    this.dnn.execute(Number(primitive), entries.length, Number(addressOf(this.packed)));
  }

  private reorderOf(from: MemoryDescriptor, to: MemoryDescriptor): Reorder {
    const key = `${from.key} ${to.key}`;
    let reorder = this.reorders.get(key);
    if (!reorder) {
      reorder = this.make(from, to);
      this.reorders.set(key, reorder);
    }
    return reorder;
  }

  private make(from: MemoryDescriptor, to: MemoryDescriptor): Reorder {
    const { dnn } = this;
    const descriptor = dnn.describe({ kind: "reorder", source: from, destination: to });
    if (!descriptor) throw new TypeError(`no reorder from ${from.key} to ${to.key}`);
    try {
      const primitive = dnn.createPrimitive(descriptor);
      const layout = descriptor.memory("scratchpad");
      if (layout.bytes === 0) return { primitive };
      const array = sharedArray(Math.ceil(layout.bytes / 4));
      return { primitive, scratch: { array, memory: dnn.createMemory(layout, addressOf(array)) } };
    } finally {
      dnn.destroyDescriptor(descriptor);
    }
  }
}

/** @throws RegnetError unless an array has as many elements as a shape */
export function expectLength(what: string, values: Float32Array, shape: readonly number[]): void {
  if (values.length !== size(shape)) {
    throw invalid(what, `${values.length} elements`, `${size(shape)} of shape [${shape}]`);
  }
}
