import { RegnetError } from "@regnet/core";
import { explainReading, isSystemError } from "../../systemErrors.js";

export interface TarFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const MAX_CONTENT = 2 ** 29;
const MAX_NAME = 2 ** 16;

/**
 * Reads a tar archive (ustar, with GNU's and pax's long names) as a stream, keeping the content of wanted files only.
 * @throws RegnetError when the archive is damaged or cannot be read, or a wanted file is larger than 512 MB
 */
export async function* readTar(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  wanted: (name: string) => boolean,
): AsyncGenerator<TarFile> {
  const reader = new ByteReader(stream, path);
  let longName: string | undefined;
  for (let header = await reader.take(BLOCK); header; header = await reader.take(BLOCK)) {
    if (header.every((byte) => byte === 0)) return;
    checkSum(header, path);
    const [size, type] = [numberAt(header, 124, 12, path), String.fromCharCode(header[156])];
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (type === "L" || type === "x") {
      if (size > MAX_NAME) throw corruptTar(path, "a name longer than 64 KB");
      const content = await reader.need(padded);
      longName = type === "L" ? text(content.subarray(0, size)) : (paxPath(content.subarray(0, size)) ?? longName);
      continue;
    }
    const name = (longName ?? shortName(header)).replace(/^(?:\.\/)+/, "");
    longName = undefined;
    if ((type !== "0" && type !== "\0") || !wanted(name)) await reader.skip(padded);
    else if (size > MAX_CONTENT) throw corruptTar(path, `"${name}" is larger than ${MAX_CONTENT / 2 ** 20} MB`);
    else yield { name, content: (await reader.need(padded)).subarray(0, size) };
  }
}

function shortName(header: Uint8Array): string {
  const isUstar = text(header.subarray(257, 262)) === "ustar";
  const prefix = isUstar ? text(header.subarray(345, 500)) : "";
  const name = text(header.subarray(0, 100));
  return prefix ? `${prefix}/${name}` : name;
}

/** The `path` record of a pax header: "length key=value\n". */
function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text(content))?.[1];
}

/** Octal digits, or GNU's base 256 where the first bit is set. */
function numberAt(header: Uint8Array, start: number, length: number, path: string): number {
  const field = header.subarray(start, start + length);
  const value =
    field[0] & 0x80
      ? field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
      : Number.parseInt(text(field).trim() || "0", 8);
  if (!Number.isSafeInteger(value) || value < 0) throw corruptTar(path, "a size that is no number");
  return value;
}

function checkSum(header: Uint8Array, path: string): void {
  const stated = numberAt(header, 148, 8, path);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== stated) throw corruptTar(path, "a header's checksum is wrong");
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Takes exact numbers of bytes from a stream of chunks. */
class ByteReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(
    stream: AsyncIterable<Uint8Array>,
    private readonly path: string,
  ) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** `count` bytes, or undefined at the end of the stream. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (this.rest.length === 0 && !(await this.refill())) return undefined;
    return this.need(count);
  }

  async need(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = count; missing > 0; ) {
      if (this.rest.length === 0 && !(await this.refill())) throw corruptTar(this.path, "it ends early");
      const part = this.rest.subarray(0, missing);
      parts.push(part);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    for (let missing = count; missing > 0; ) {
      if (this.rest.length === 0 && !(await this.refill())) throw corruptTar(this.path, "it ends early");
      const part = Math.min(missing, this.rest.length);
      this.rest = this.rest.subarray(part);
      missing -= part;
    }
  }

  private async refill(): Promise<boolean> {
    const next = await this.chunks.next().catch((error: Error) => {
      throw isSystemError(error) ? explainReading(error, this.path) : corruptTar(this.path, error.message);
    });
    if (next.done) return false;
    this.rest = next.value;
    return this.rest.length > 0 || this.refill();
  }
}

function corruptTar(path: string, reason: string): RegnetError {
  return new RegnetError(`corrupt archive "${path}": ${reason}`, "corrupt", path);
}
