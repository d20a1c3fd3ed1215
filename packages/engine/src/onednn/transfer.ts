import { invalid, size } from "@regnet/core";
import { packArguments } from "./binding/common.js";
import type { ArgumentKey, Dnn } from "./binding/dnn.js";
import type { MemoryDescriptor } from "./binding/memoryDescriptor.js";
import { addressOf, type Pointer } from "./binding/native.js";
import { sharedArray } from "./plan/tensor.js";

/** Copies arrays in plain layout into memories of the library, and back, through one buffer that stays in place. */
export class Transfers {
  private buffer = sharedArray(0);

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
    const { dnn } = this;
    const descriptor = dnn.describe({ kind: "reorder", source: from, destination: to });
    if (!descriptor) throw new TypeError(`no reorder from ${from.key} to ${to.key}`);
    const layout = descriptor.memory("scratchpad");
    const scratch = layout.bytes > 0 ? sharedArray(Math.ceil(layout.bytes / 4)) : undefined;
    const pad = scratch && dnn.createMemory(layout, addressOf(scratch));
    const primitive = dnn.createPrimitive(descriptor);
    try {
      const entries: [ArgumentKey, Pointer][] = [
        ["source", source],
        ["destination", destination],
      ];
      if (pad !== undefined) entries.push(["scratchpad", pad]);
      dnn.execute(primitive, entries.length, packArguments(entries));
    } finally {
      if (pad !== undefined) dnn.destroyMemory(pad);
      dnn.destroyPrimitive(primitive);
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
