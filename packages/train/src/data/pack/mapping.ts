import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { gated } from "@regnet/engine/nativeGate";
import type koffi from "koffi";
import { corruptPack } from "./format.js";

type MapFile = (address: null, bytes: number, protection: number, flags: number, fd: number, offset: number) => unknown;

/** Writable but private pages: a stray write stays in this process and neither crashes it nor reaches the file. */
const PROTECTION_READ_WRITE = 3;
const MAP_PRIVATE = 2;

const mapped = new Map<string, ArrayBufferLike>();

/**
 * A file's bytes: memory-mapped, so that every thread and process shares the same pages; where the system has no
 * `mmap`, read once into shared memory, which `postMessage` hands to workers without a copy.
 *
 * Mappings stay until the process ends: views into them are everywhere, and clean pages cost nothing.
 * @throws RegnetError when the file does not have the expected size
 */
export function mapFile(path: string, bytes: number): ArrayBufferLike {
  const known = mapped.get(path);
  if (known?.byteLength === bytes) return known;
  const fd = openSync(path, constants.O_RDONLY);
  try {
    if (fstatSync(fd).size !== bytes) throw corruptPack(path, `its size is not the ${bytes} bytes that the index says`);
    const buffer = bytes === 0 ? new ArrayBuffer(0) : (tryMap(fd, bytes) ?? readShared(fd, bytes));
    mapped.set(path, buffer);
    return buffer;
  } finally {
    closeSync(fd);
  }
}

/** Lets a worker use the memory that its parent has read, where mapping is impossible. */
export function adoptMapping(path: string, buffer: SharedArrayBuffer): void {
  mapped.set(path, buffer);
}

function tryMap(fd: number, bytes: number): ArrayBuffer | undefined {
  if (process.platform === "win32" || process.env.REGNET_NO_MMAP) return undefined;
  try {
    return map(loadKoffi(), fd, bytes);
  } catch {
    return undefined;
  }
}

const map = gated((library: typeof koffi, fd: number, bytes: number): ArrayBuffer | undefined => {
  const address = mmap(library)(null, bytes, PROTECTION_READ_WRITE, MAP_PRIVATE, fd, 0);
  if (library.address(address) === 2n ** 64n - 1n) return undefined;
  return library.view(address, bytes);
});

let mmapFunction: MapFile | undefined;

function mmap(library: typeof koffi): MapFile {
  mmapFunction ??= library
    .load(null)
    .func("void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)") as MapFile;
  return mmapFunction;
}

const loadKoffi = gated(() => createRequire(import.meta.url)("koffi") as typeof koffi);

function readShared(fd: number, bytes: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes);
  const view = new Uint8Array(buffer);
  for (let at = 0; at < bytes; ) {
    const read = readSync(fd, view, at, Math.min(bytes - at, 1 << 26), at);
    if (read === 0) throw corruptPack(`file descriptor ${fd}`, "it ended early");
    at += read;
  }
  return buffer;
}
