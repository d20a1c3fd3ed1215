import { outOfMemory } from "../../freeMemory.js";
import { addressOf, type Pointer, processLibrary } from "../binding/native.js";

const READ_WRITE = 3;
const READ_EXECUTE = 5;
const PRIVATE_ANONYMOUS = process.platform === "darwin" ? 0x1002 : 0x22;

/** Machine code in memory of its own, which can be run and no longer written. */
export interface LoadedCode {
  /** Where each piece starts. */
  readonly addresses: readonly Pointer[];
  /** Safe to call twice. */
  release(): void;
}

/** Pieces start at multiples of a line of the caches. */
const ALIGNMENT = 64;

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
  const library = processLibrary();
  const map = library.function(
    "intptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int file, int64_t offset)",
  );
  const unmap = library.function("int munmap(intptr_t address, size_t bytes)");
  const protect = library.function("int mprotect(intptr_t address, size_t bytes, int protection)");
  const copy = library.function("void *memcpy(intptr_t to, intptr_t from, size_t bytes)");
  const start = BigInt(map(0, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0) as number | bigint);
  if (start === -1n) throw outOfMemory(bytes);
  copy(start, addressOf(all), bytes);
  let mapped = true;
  const release = () => {
    if (mapped) unmap(start, bytes);
    mapped = false;
  };
  if (protect(start, bytes, READ_EXECUTE) !== 0) {
    release();
    throw outOfMemory(bytes);
  }
  return { addresses: starts.map((offset) => start + BigInt(offset)), release };
}
