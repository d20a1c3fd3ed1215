import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { RegnetError } from "@regnet/core";

/** An array of bytes as IDX files hold it (the format of MNIST's files). */
export interface IdxArray {
  /** From the slowest dimension to the fastest. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 8;
const MAX_DIMENSIONS = 4;
const MAX_BYTES = 2 ** 31;
/** What gzip can at most make of one byte. */
const MAX_EXPANSION = 1032;

/**
 * Reads an IDX array of unsigned bytes. The header is not believed: no more is allocated than the content can hold.
 * @param bytes a whole file, not compressed
 * @throws RegnetError (corrupt, unsupported) naming `path`
 */
export function parseIdx(bytes: Uint8Array, path: string): IdxArray {
  const { shape, headerBytes, dataBytes } = parseHeader(bytes, path);
  const held = bytes.length - headerBytes;
  if (held !== dataBytes) throw corruptIdx(path, `its header says ${shape.join("×")} bytes of data, it holds ${held}`);
  return { shape, data: bytes.subarray(headerBytes) };
}

interface Header {
  readonly shape: readonly number[];
  readonly headerBytes: number;
  readonly dataBytes: number;
}

function parseHeader(bytes: Uint8Array, path: string): Header {
  if (bytes.length < 4) throw corruptIdx(path, `it is ${bytes.length} bytes short of a header`);
  if (bytes[0] !== 0 || bytes[1] !== 0) throw corruptIdx(path, "it does not start with two zero bytes");
  const [type, dimensions] = [bytes[2], bytes[3]];
  if (type !== UNSIGNED_BYTE) {
    throw new RegnetError(
      `unsupported IDX file "${path}": type ${type}, expected ${UNSIGNED_BYTE} (unsigned bytes)`,
      "unsupported",
      path,
    );
  }
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw corruptIdx(path, `${dimensions} dimensions, expected 1 to ${MAX_DIMENSIONS}`);
  }
  const headerBytes = 4 + 4 * dimensions;
  if (bytes.length < headerBytes) throw corruptIdx(path, "it ends within its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const dataBytes = shape.reduce((product, extent) => product * extent, 1);
  if (dataBytes > MAX_BYTES) throw corruptIdx(path, `its header says ${shape.join("×")} bytes, more than 2 GB`);
  return { shape, headerBytes, dataBytes };
}

/**
 * Reads an IDX file, gzipped or not. A compressed file is unpacked no further than its header says.
 * @throws RegnetError when the file is not a whole IDX array
 */
export async function readIdx(path: string): Promise<IdxArray> {
  const file = await open(path, "r");
  try {
    return (await isGzip(file)) ? await readCompressed(path, (await file.stat()).size) : await readPlain(file, path);
  } finally {
    await file.close();
  }
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

async function readPlain(file: FileHandle, path: string): Promise<IdxArray> {
  const { size } = await file.stat();
  if (size > MAX_BYTES) throw corruptIdx(path, "it is larger than 2 GB");
  const { buffer, bytesRead } = await file.read(new Uint8Array(size), 0, size, 0);
  return parseIdx(buffer.subarray(0, bytesRead), path);
}

async function readCompressed(path: string, compressedBytes: number): Promise<IdxArray> {
  const chunks: Uint8Array[] = [];
  let [length, limit] = [0, 4 + 4 * MAX_DIMENSIONS];
  let whole: Header | undefined;
  const file = createReadStream(path);
  const stream = file.pipe(createGunzip());
  file.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (!whole && length >= limit) {
        whole = parseHeader(concatenate(chunks, limit), path);
        limit = whole.headerBytes + whole.dataBytes;
        if (limit > compressedBytes * MAX_EXPANSION)
          throw corruptIdx(path, "its header says more than the file can hold");
      }
      if (whole && length > limit) throw corruptIdx(path, "it holds more than its header says");
    }
  } catch (error) {
    throw error instanceof RegnetError
      ? error
      : corruptIdx(path, `it cannot be unpacked (${(error as Error).message})`);
  } finally {
    // The end of a pipe's far side does not close its near side: the file would stay open.
    file.destroy();
    stream.destroy();
  }
  return parseIdx(concatenate(chunks, length), path);
}

function concatenate(chunks: readonly Uint8Array[], limit: number): Uint8Array {
  const result = new Uint8Array(limit);
  let at = 0;
  for (const chunk of chunks) {
    if (at >= limit) break;
    const part = chunk.subarray(0, limit - at);
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function corruptIdx(path: string, reason: string): RegnetError {
  return new RegnetError(`corrupt IDX file "${path}": ${reason}`, "corrupt", path);
}
