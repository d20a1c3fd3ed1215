import { outOfMemory } from "../../freeMemory.js";
import { addressOf, type NativeFunction, type Pointer, processLibrary } from "../binding/native.js";
import { makeExecutable, mapMemory } from "./mapping.js";

/** Machine code in memory of its own, which can be run and no longer written. */
export interface LoadedCode {
  /** Where each piece starts. */
  readonly addresses: readonly Pointer[];
  /** Safe to call twice. */
  release(): void;
}

/** Pieces start at multiples of a line of the caches. */
const ALIGNMENT = 64;

let copy: NativeFunction | undefined;

/** @throws RegnetError when the system gives no such memory */
export function loadCode(pieces: readonly Uint8Array[]): LoadedCode {
  const starts: number[] = [];
  let bytes = 0;
  for (const { length } of pieces) {
    starts.push(bytes);
    bytes += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  const all = new Uint8Array(bytes);
  pieces.forEach((piece, i) => {
    all.set(piece, starts[i]);
  });
  copy ??= processLibrary().function("void *memcpy(intptr_t to, intptr_t from, size_t bytes)");
  const memory = mapMemory(bytes);
  copy(memory.address, addressOf(all), bytes);
  if (!makeExecutable(memory)) {
    memory.release();
    throw outOfMemory(bytes);
  }
  return { addresses: starts.map((offset) => memory.address + BigInt(offset)), release: () => memory.release() };
}
