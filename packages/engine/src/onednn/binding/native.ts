import { createRequire } from "node:module";
import { RegnetError } from "@regnet/core";
import type koffi from "koffi";
import type { TypeObject } from "koffi";
import { gated, usesGate } from "../../nativeGate.js";

/** What installs the package that calls native functions, where it or its compiled part is missing. */
export const KOFFI_REMEDY = "npm install koffi";

const require = createRequire(import.meta.url);
let loaded: typeof koffi | undefined;

/**
 * Loads koffi when a library is first opened: where it cannot be loaded, the rest of the engine works.
 *
 * @throws RegnetError (`missing`) when the package or its compiled part does not load
 */
function native(): typeof koffi {
  if (loaded) return loaded;
  try {
    loaded = require("koffi") as typeof koffi;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new RegnetError(`missing koffi (${reason}); run: ${KOFFI_REMEDY}`, "missing", "koffi");
  }
  return loaded;
}

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

/** @throws Error with the dynamic loader's message, or RegnetError (`missing`) without koffi */
export function openLibrary(path: string): NativeLibrary {
  const library = load(path);
  pin(path);
  return library;
}

/** Where a function lies that a library, or one that it is linked against, has; undefined if none has it. */
export function functionAddress({ path }: NativeLibrary, name: string): Pointer | undefined {
  if (process.platform === "win32") return undefined;
  const open = processLibrary().function("uintptr_t dlopen(str path, int flags)");
  const find = processLibrary().function("uintptr_t dlsym(uintptr_t library, str name)");
  const handle = BigInt(open(path || null, KEEP_LOADED) as number | bigint);
  const address = handle === 0n ? handle : BigInt(find(handle, name) as number | bigint);
  return address === 0n ? undefined : address;
}

let own: NativeLibrary | undefined;

/** The C library and everything else that the process has loaded. */
export function processLibrary(): NativeLibrary {
  own ??= load(null);
  return own;
}

const loadLibrary = gated((path: string | null) => native().load(path));

function load(path: string | null): NativeLibrary {
  const library = loadLibrary(path);
  const find = gated((declaration: string) => library.func(declaration));
  // Kernels are called so often that a gate that is not there must cost nothing.
  const call = (declaration: string) => (usesGate() ? gated(find(declaration)) : find(declaration));
  return { path: path ?? "", function: call };
}

function pin(path: string): void {
  if (process.platform === "win32") return;
  processLibrary().function("void *dlopen(str path, int flags)")(path, KEEP_LOADED);
}

const address = gated((array: ArrayBufferView) => native().address(array));
const decode = gated((pointer: unknown, type: TypeObject) => native().decode(pointer, type));
const decodeString = gated((pointer: unknown) => native().decode.string(pointer));
const array = gated((element: string, length: number, hint: "Typed" | "Array") =>
  native().array(element, length, hint),
);

/** The address of an array's first element. The array must stay referenced for as long as the address is used. */
export function addressOf(array: ArrayBufferView): Pointer {
  return BigInt(address(array));
}

/** A NUL-terminated string of the library. */
export function stringAt(pointer: unknown): string {
  return decodeString(pointer);
}

/** Array types by name and length. koffi keeps every type that was ever made, so each is made once. */
const arrayTypes = new Map<string, TypeObject>();

function arrayType(element: "uint8_t" | "int32_t" | "int64_t", length: number, hint: "Typed" | "Array"): TypeObject {
  const key = `${element} ${length}`;
  let type = arrayTypes.get(key);
  if (!type) {
    type = array(element, length, hint);
    arrayTypes.set(key, type);
  }
  return type;
}

/** Bytes of the library's memory, copied. */
export function bytesAt(pointer: unknown, length: number): Buffer {
  return Buffer.from(decode(pointer, arrayType("uint8_t", length, "Typed")) as Uint8Array);
}

/** 32-bit integers of the library's memory. */
export function int32sAt(pointer: unknown, count: number): number[] {
  return Array.from(decode(pointer, arrayType("int32_t", count, "Array")) as ArrayLike<number>);
}

/** 64-bit integers of the library's memory. */
export function int64sAt(pointer: unknown, count: number): number[] {
  return Array.from(decode(pointer, arrayType("int64_t", count, "Array")) as ArrayLike<number | bigint>, Number);
}
