import { corrupt } from "./errors.js";

/** A position in bytes; never reads beyond their end. All numbers are little-endian. */
export class Cursor {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** An unsigned 64-bit number that must be exact; no length or offset in a file is larger. */
  uint64(): number {
    const value = this.view.getBigUint64(this.advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(`a length of ${value} is beyond any file`);
    return Number(value);
  }

  /** Big-endian, as pickles have it. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    return decode(this.take(length));
  }

  /** Text up to the end of the line, which is consumed. */
  line(limit: number): string {
    const end = this.bytes.subarray(this.at, this.at + limit + 1).indexOf(0x0a);
    if (end < 0) throw corrupt("a line without end");
    const text = this.text(end);
    this.at++;
    return text;
  }

  private advance(length: number): number {
    if (length > this.left) throw corrupt(`it ends at byte ${this.bytes.length}, where more should follow`);
    const start = this.at;
    this.at += length;
    return start;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
