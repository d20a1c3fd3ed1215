import type { Cursor } from "./cursor.js";
import { corrupt, unsupported } from "./errors.js";
import { allowedGlobal } from "./globals.js";
import type { Machine } from "./machine.js";
import { Dictionary } from "./values.js";

const LINE_LIMIT = 4096;
const LONG_LIMIT = 32;

type Act = (m: Machine, c: Cursor) => void;

const constant =
  (value: unknown): Act =>
  (m) =>
    m.push(value);
const tuple =
  (count: number): Act =>
  (m) =>
    m.push(m.popTuple(count));
const text =
  (length: (c: Cursor) => number): Act =>
  (m, c) =>
    m.push(c.text(length(c)));
const bytes =
  (length: (c: Cursor) => number): Act =>
  (m, c) =>
    m.push(c.take(length(c)));
const long =
  (length: (c: Cursor) => number): Act =>
  (m, c) =>
    m.push(longOf(c, length(c)));

/** Every opcode that is understood. */
const understood: Readonly<Record<string, readonly [code: number, act: Act]>> = {
  PROTO: [0x80, (_, c) => void c.uint8()],
  FRAME: [0x95, (_, c) => void c.take(8)],
  MARK: [0x28, (m) => m.mark()],
  POP: [0x30, (m) => void m.pop()],
  POP_MARK: [0x31, (m) => void m.popMark()],
  DUP: [0x32, (m) => m.push(m.top())],
  NONE: [0x4e, constant(null)],
  NEWTRUE: [0x88, constant(true)],
  NEWFALSE: [0x89, constant(false)],
  BININT: [0x4a, (m, c) => m.push(c.int32())],
  BININT1: [0x4b, (m, c) => m.push(c.uint8())],
  BININT2: [0x4d, (m, c) => m.push(c.uint16())],
  LONG1: [0x8a, long((c) => c.uint8())],
  LONG4: [0x8b, long((c) => c.uint32())],
  INT: [0x49, (m, c) => m.push(integerOf(c))],
  LONG: [0x4c, (m, c) => m.push(integerOf(c))],
  FLOAT: [0x46, (m, c) => m.push(Number(c.line(LINE_LIMIT)))],
  BINFLOAT: [0x47, (m, c) => m.push(c.float64())],
  STRING: [0x53, (m, c) => m.push(c.line(LINE_LIMIT).replace(/^['"]|['"]$/g, ""))],
  UNICODE: [0x56, (m, c) => m.push(c.line(LINE_LIMIT))],
  BINSTRING: [0x54, text((c) => c.uint32())],
  SHORT_BINSTRING: [0x55, text((c) => c.uint8())],
  BINUNICODE: [0x58, text((c) => c.uint32())],
  SHORT_BINUNICODE: [0x8c, text((c) => c.uint8())],
  BINUNICODE8: [0x8d, text((c) => c.uint64())],
  BINBYTES: [0x42, bytes((c) => c.uint32())],
  SHORT_BINBYTES: [0x43, bytes((c) => c.uint8())],
  BINBYTES8: [0x8e, bytes((c) => c.uint64())],
  EMPTY_LIST: [0x5d, (m) => m.push([])],
  LIST: [0x6c, (m) => m.push(m.popMark())],
  APPEND: [0x61, (m) => m.append(m.popTuple(1))],
  APPENDS: [0x65, (m) => m.append(m.popMark())],
  EMPTY_TUPLE: [0x29, (m) => m.push([])],
  TUPLE: [0x74, (m) => m.push(m.popMark())],
  TUPLE1: [0x85, tuple(1)],
  TUPLE2: [0x86, tuple(2)],
  TUPLE3: [0x87, tuple(3)],
  EMPTY_DICT: [0x7d, (m) => m.push(new Dictionary())],
  DICT: [0x64, dictionary],
  SETITEM: [0x73, (m) => m.setItems(m.popTuple(2))],
  SETITEMS: [0x75, (m) => m.setItems(m.popMark())],
  EMPTY_SET: [0x8f, (m) => m.push([])],
  ADDITEMS: [0x90, (m) => m.append(m.popMark())],
  FROZENSET: [0x91, (m) => m.push(m.popMark())],
  PUT: [0x70, (m, c) => m.remember(indexOf(c))],
  BINPUT: [0x71, (m, c) => m.remember(c.uint8())],
  LONG_BINPUT: [0x72, (m, c) => m.remember(c.uint32())],
  MEMOIZE: [0x94, (m) => m.remember()],
  GET: [0x67, (m, c) => m.recall(indexOf(c))],
  BINGET: [0x68, (m, c) => m.recall(c.uint8())],
  LONG_BINGET: [0x6a, (m, c) => m.recall(c.uint32())],
  GLOBAL: [0x63, (m, c) => m.push(allowedGlobal(c.line(LINE_LIMIT), c.line(LINE_LIMIT)))],
  STACK_GLOBAL: [0x93, (m) => m.stackGlobal()],
  REDUCE: [0x52, (m) => m.call()],
  NEWOBJ: [0x81, (m) => m.call()],
  BUILD: [0x62, (m) => m.build()],
  BINPERSID: [0x51, (m) => m.storage()],
};

/** Opcodes that call code or need a registry of it. */
const refused: Readonly<Record<string, number>> = {
  INST: 0x69,
  OBJ: 0x6f,
  EXT1: 0x82,
  EXT2: 0x83,
  EXT4: 0x84,
  NEWOBJ_EX: 0x92,
  PERSID: 0x50,
  BYTEARRAY8: 0x96,
  NEXT_BUFFER: 0x97,
  READONLY_BUFFER: 0x98,
};

const byCode = new Map(Object.values(understood));

/** @throws RegnetError that names an opcode which is not on the list */
export function opcode(code: number): Act {
  const act = byCode.get(code);
  if (act) return act;
  const name = Object.keys(refused).find((key) => refused[key] === code) ?? `0x${code.toString(16).padStart(2, "0")}`;
  throw unsupported(`pickle opcode ${name} is not on the list of harmless ones`);
}

function dictionary(m: Machine): void {
  const items = m.popMark();
  m.push(new Dictionary());
  m.setItems(items);
}

function indexOf(c: Cursor): number {
  const index = Number(c.line(LINE_LIMIT));
  if (!Number.isSafeInteger(index) || index < 0) throw corrupt("its pickle stores a value under no valid number");
  return index;
}

/** `I01` and `I00` are the booleans of the oldest pickles. */
function integerOf(c: Cursor): number | boolean {
  const line = c.line(LINE_LIMIT);
  if (line === "01") return true;
  if (line === "00") return false;
  const value = Number(line.replace(/L$/, ""));
  if (!Number.isInteger(value)) throw corrupt("a number that is none");
  return value;
}

/** A little-endian integer in two's complement; a number if it is exact as one. */
function longOf(c: Cursor, length: number): number | bigint {
  if (length > LONG_LIMIT) throw corrupt(`an integer of ${length} bytes`);
  let value = 0n;
  for (const byte of c.take(length).slice().reverse()) value = (value << 8n) | BigInt(byte);
  const signed = BigInt.asIntN(8 * length, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}
