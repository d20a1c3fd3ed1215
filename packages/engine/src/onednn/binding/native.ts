import koffi, { type TypeObject } from "koffi";

/** An address of the process. */
export type Pointer = bigint;

/** A C function; a status or a pointer comes back. */
export type NativeFunction = (...args: readonly unknown[]) => unknown;

/** Finds functions of one library by their C declaration. */
export interface NativeLibrary {
  readonly path: string;
  function(declaration: string): NativeFunction;
}

/** RTLD_NOW | RTLD_NODELETE: koffi closes libraries at exit, while OpenMP's workers still run in them. */
const KEEP_LOADED = process.platform === "darwin" ? 0x82 : 0x1002;

/** @throws Error with the dynamic loader's message */
export function openLibrary(path: string): NativeLibrary {
  const library = koffi.load(path);
  pin(path);
  return { path, function: (declaration) => library.func(declaration) };
}

let own: NativeLibrary | undefined;

/** The C library and everything else that the process has loaded. */
export function processLibrary(): NativeLibrary {
  if (own) return own;
  const library = koffi.load(null);
  own = { path: "", function: (declaration) => library.func(declaration) };
  return own;
}

function pin(path: string): void {
  if (process.platform === "win32") return;
  processLibrary().function("void *dlopen(str path, int flags)")(path, KEEP_LOADED);
}

/** The address of an array's first element. The array must stay referenced for as long as the address is used. */
export function addressOf(array: ArrayBufferView): Pointer {
  return BigInt(koffi.address(array));
}

/** A NUL-terminated string of the library. */
export function stringAt(pointer: unknown): string {
  return koffi.decode.string(pointer);
}

/** Array types by name and length. koffi keeps every type that was ever made, so each is made once. */
const arrayTypes = new Map<string, TypeObject>();

function arrayType(element: "uint8_t" | "int64_t", length: number, hint: "Typed" | "Array"): TypeObject {
  const key = `${element} ${length}`;
  let type = arrayTypes.get(key);
  if (!type) {
    type = koffi.array(element, length, hint);
    arrayTypes.set(key, type);
  }
  return type;
}

/** Bytes of the library's memory, copied. */
export function bytesAt(pointer: unknown, length: number): Buffer {
  return Buffer.from(koffi.decode(pointer, arrayType("uint8_t", length, "Typed")) as Uint8Array);
}

/** 64-bit integers of the library's memory. */
export function int64sAt(pointer: unknown, count: number): number[] {
  return Array.from(koffi.decode(pointer, arrayType("int64_t", count, "Array")) as ArrayLike<number | bigint>, Number);
}
