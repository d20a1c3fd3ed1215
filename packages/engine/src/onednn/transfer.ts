import { invalid, size } from "@regnet/core";
import { packArguments } from "./binding/common.js";
import type { Dnn } from "./binding/dnn.js";
import type { MemoryDescriptor } from "./binding/memoryDescriptor.js";
import { addressOf, type Pointer } from "./binding/native.js";
import { sharedArray } from "./plan/tensor.js";

/** Copies an array in plain layout into a memory of the library, or back. */
export function transfer(
  dnn: Dnn,
  layout: MemoryDescriptor,
  memory: Pointer,
  array: Float32Array,
  direction: "load" | "store",
): void {
  const plain = dnn.strided(layout.dims, "f32");
  const staged = array.buffer instanceof SharedArrayBuffer ? array : sharedArray(array.length);
  if (direction === "load" && staged !== array) staged.set(array);
  const outside = dnn.createMemory(plain, addressOf(staged));
  try {
    if (direction === "load") reorder(dnn, plain, outside, layout, memory);
    else reorder(dnn, layout, memory, plain, outside);
  } finally {
    dnn.destroyMemory(outside);
  }
  if (direction === "store" && staged !== array) array.set(staged);
}

function reorder(dnn: Dnn, from: MemoryDescriptor, source: Pointer, to: MemoryDescriptor, destination: Pointer): void {
  const descriptor = dnn.describe({ kind: "reorder", source: from, destination: to });
  if (!descriptor) throw new TypeError(`no reorder from ${from.key} to ${to.key}`);
  const scratchLayout = descriptor.memory("scratchpad");
  const scratch = sharedArray(Math.ceil(scratchLayout.bytes / 4) + 16);
  const primitive = dnn.createPrimitive(descriptor);
  const pad = dnn.createMemory(scratchLayout.bytes > 0 ? scratchLayout : dnn.strided([1], "f32"), addressOf(scratch));
  try {
    const packed = packArguments([
      ["source", source],
      ["destination", destination],
      ["scratchpad", pad],
    ]);
    dnn.execute(primitive, scratchLayout.bytes > 0 ? 3 : 2, packed);
  } finally {
    dnn.destroyMemory(pad);
    dnn.destroyPrimitive(primitive);
    dnn.destroyDescriptor(descriptor);
  }
}

/** @throws RegnetError unless an array has as many elements as a shape */
export function expectLength(what: string, values: Float32Array, shape: readonly number[]): void {
  if (values.length !== size(shape)) {
    throw invalid(what, `${values.length} elements`, `${size(shape)} of shape [${shape}]`);
  }
}
