import { outOfMemory } from "../../freeMemory.js";
import { type NativeFunction, type Pointer, processLibrary } from "../binding/native.js";

const READ_WRITE = 3;
const READ_EXECUTE = 5;
const PRIVATE_ANONYMOUS = process.platform === "darwin" ? 0x1002 : 0x22;
const HUGE_PAGES = 14;

interface MemoryFunctions {
  readonly map: NativeFunction;
  readonly advise: NativeFunction;
  readonly protect: NativeFunction;
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
    protect: library.function("int mprotect(intptr_t address, size_t bytes, int protection)"),
    unmap: library.function("int munmap(intptr_t address, size_t bytes)"),
  };
  return functions;
}

/** Zeroed memory outside JavaScript's heap. */
export interface Mapping {
  readonly address: Pointer;
  readonly bytes: number;
  /** Safe to call twice. */
  release(): void;
}

/** @throws RegnetError when the system refuses it */
export function mapMemory(bytes: number): Mapping {
  const { map, unmap } = memoryFunctions();
  const address = BigInt(map(0, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0) as number | bigint);
  if (address === -1n) throw outOfMemory(bytes);
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

/** Asks for huge pages, where the system has them. */
export function useHugePages({ address, bytes }: Mapping): void {
  if (process.platform === "linux") memoryFunctions().advise(address, bytes, HUGE_PAGES);
}

/** Makes memory code that can be run and no longer written; false where the system does not allow it. */
export function makeExecutable({ address, bytes }: Mapping): boolean {
  return memoryFunctions().protect(address, bytes, READ_EXECUTE) === 0;
}
