import { Cursor } from "./cursor.js";
import { corrupt, quote, unsupported } from "./errors.js";

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const ENTRY_LIMIT = 100_000;

/** Whether the bytes start like a zip archive. */
export function isZip(file: Uint8Array): boolean {
  return file[0] === 0x50 && file[1] === 0x4b && file[2] === 0x03 && file[3] === 0x04;
}

/**
 * The entries of an archive by name, as views of its bytes. PyTorch stores entries without compression; a compressed
 * one is refused, so nothing here can grow.
 */
export function readZip(file: Uint8Array): Map<string, Uint8Array> {
  const { entries, offset } = findDirectory(file);
  if (entries > ENTRY_LIMIT) throw corrupt(`its archive has ${entries} entries, more than ${ENTRY_LIMIT}`);
  const cursor = new Cursor(file, offset);
  const result = new Map<string, Uint8Array>();
  for (let i = 0; i < entries; i++) {
    const entry = readDirectoryEntry(cursor);
    if (result.has(entry.name)) throw corrupt(`its archive has two entries ${quote(entry.name)}`);
    result.set(entry.name, entryBytes(file, entry));
  }
  return result;
}

interface Directory {
  readonly entries: number;
  readonly offset: number;
}

function findDirectory(file: Uint8Array): Directory {
  const at = findEnd(file);
  const cursor = new Cursor(file, at + 10);
  const entries = cursor.uint16();
  cursor.take(4);
  const offset = cursor.uint32();
  if (entries !== 0xffff && offset !== 0xffffffff) return checked(file, { entries, offset });
  return checked(file, findDirectory64(file, at - END64_LOCATOR_BYTES));
}

function findEnd(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const first = Math.max(0, file.length - END_BYTES - LONGEST_COMMENT);
  for (let at = file.length - END_BYTES; at >= first; at--) if (view.getUint32(at, true) === END) return at;
  throw corrupt("its archive has no directory; it may be truncated");
}

function findDirectory64(file: Uint8Array, at: number): Directory {
  if (at < 0) throw corrupt("its archive has no directory");
  const locator = new Cursor(file, at);
  if (locator.uint32() !== END64_LOCATOR) throw corrupt("its archive has no directory");
  locator.take(4);
  const end = cursorAt(file, locator.uint64());
  if (end.uint32() !== END64) throw corrupt("its archive has no directory");
  end.take(28);
  const entries = end.uint64();
  end.take(8);
  return { entries, offset: end.uint64() };
}

function checked(file: Uint8Array, directory: Directory): Directory {
  if (directory.offset > file.length) throw corrupt("the directory of its archive lies beyond its end");
  return directory;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
}

function readDirectoryEntry(cursor: Cursor): Entry {
  if (cursor.uint32() !== DIRECTORY_ENTRY) throw corrupt("its archive's directory is damaged");
  cursor.take(4);
  const flags = cursor.uint16();
  const method = cursor.uint16();
  cursor.take(8);
  const [packed, size] = [cursor.uint32(), cursor.uint32()];
  const [nameLength, extraLength, commentLength] = [cursor.uint16(), cursor.uint16(), cursor.uint16()];
  cursor.take(8);
  const offset = cursor.uint32();
  const name = cursor.text(nameLength);
  const extra = new Cursor(cursor.take(extraLength));
  cursor.take(commentLength);
  if (flags & 1) throw unsupported(`entry ${quote(name)} is encrypted`);
  if (method !== 0) throw unsupported(`entry ${quote(name)} is compressed; torch.save does not compress`);
  return { name, ...wide({ packed, size, offset }, extra) };
}

/** Sizes and offsets beyond 32 bits stand in an extra field, those that need it, in this order: size, packed size, offset. */
function wide(
  { packed, size, offset }: { packed: number; size: number; offset: number },
  extra: Cursor,
): Pick<Entry, "size" | "offset"> {
  if (size !== 0xffffffff && packed !== 0xffffffff && offset !== 0xffffffff) return { size, offset };
  while (extra.left >= 4) {
    const tag = extra.uint16();
    const field = new Cursor(extra.take(extra.uint16()));
    if (tag !== 1) continue;
    const wideSize = size === 0xffffffff ? field.uint64() : size;
    if (packed === 0xffffffff) field.uint64();
    return { size: wideSize, offset: offset === 0xffffffff ? field.uint64() : offset };
  }
  throw corrupt("an entry of its archive has no size");
}

function entryBytes(file: Uint8Array, { name, size, offset }: Entry): Uint8Array {
  const cursor = cursorAt(file, offset);
  if (cursor.uint32() !== LOCAL_ENTRY) throw corrupt(`entry ${quote(name)} of its archive is not where it should be`);
  cursor.take(22);
  const [nameLength, extraLength] = [cursor.uint16(), cursor.uint16()];
  cursor.take(nameLength + extraLength);
  return cursor.take(size);
}

function cursorAt(file: Uint8Array, offset: number): Cursor {
  if (offset > file.length) throw corrupt("its archive points beyond its end");
  return new Cursor(file, offset);
}
