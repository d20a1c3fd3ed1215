import { outOfMemory } from "../../freeMemory.js";
import { type NativeFunction, type Pointer, processLibrary } from "../binding/native.js";

const READ_WRITE = 3;
const PRIVATE_ANONYMOUS = process.platform === "darwin" ? 0x1002 : 0x22;
const HUGE_PAGES = 14;
/** Large mappings get whole huge pages. */
const PAGE = 2 ** 21;

/** A block of zeroed memory outside JavaScript's heap. */
export interface Arena {
  readonly address: Pointer;
  readonly bytes: number;
  /** Safe to call twice. */
  release(): void;
}

interface MemoryFunctions {
  readonly map: NativeFunction;
  readonly advise: NativeFunction;
  readonly unmap: NativeFunction;
}

let functions: MemoryFunctions | undefined;

function memoryFunctions(): MemoryFunctions {
  const library = processLibrary();
  functions ??= {
    map: library.function(
      "intptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int file, int64_t offset)",
    ),
    advise: library.function("int madvise(intptr_t address, size_t bytes, int advice)"),
    unmap: library.function("int munmap(intptr_t address, size_t bytes)"),
  };
  return functions;
}

/**
 * Maps an arena.
 *
 * @throws RegnetError when the system refuses it
 */
export function mapArena(wanted: number): Arena {
  const bytes = Math.max(1, Math.ceil(wanted / PAGE)) * PAGE;
  const { map, advise, unmap } = memoryFunctions();
  const address = BigInt(map(0, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0) as number | bigint);
  if (address === -1n) throw outOfMemory(bytes);
  if (process.platform === "linux") advise(address, bytes, HUGE_PAGES);
  let mapped = true;
  return {
    address,
    bytes,
    release() {
      if (mapped) unmap(address, bytes);
      mapped = false;
    },
  };
}
