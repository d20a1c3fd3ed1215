import type { Vectors } from "./blocks.js";

/** General registers by their numbers in instructions. */
export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
export const R8 = 8;
export const R9 = 9;
export const R10 = 10;
export const R11 = 11;
export const R12 = 12;
export const R13 = 13;
export const R14 = 14;
export const R15 = 15;

/** What lies `offset` bytes past the address in a register. */
export interface Memory {
  readonly base: number;
  readonly offset: number;
}

export function at(base: number, offset = 0): Memory {
  return { base, offset };
}

/** A place in the code, to jump to from before and after. */
export class Label {
  position: number | undefined;
  readonly uses: number[] = [];
}

/** Conditions of jumps by their numbers in instructions; `below` and `atLeast` are of unsigned numbers. */
const CONDITIONS = { below: 0x2, atLeast: 0x3, zero: 0x4, notZero: 0x5 } as const;

/** The tables of opcodes that VEX and EVEX prefixes select. */
const TABLE_0F = 1;
const TABLE_0F38 = 2;
const TABLE_0F3A = 3;
/** Vectors of 128 and of 256 bits, as VEX writes them. */
const HALF = 0;
const WHOLE = 4;
/** Vectors of 512 bits, as EVEX writes them. */
const WIDE = 0x40;
/** Vectors of 256 bits, as EVEX writes them. */
const NARROW = 0x20;
/** Of EVEX: only the numbers whose bit the mask register sets, and 0 for the others where the result is a register. */
const MASKED = 1;
const ZEROED = 0x80;
/** Bytes of a number. */
const NUMBER = 4;
/** The mask register that is used. */
const MASK = 1;
/** The prefixes 66 and F3, as VEX writes them. */
const PREFIX_66 = 1;
const PREFIX_F3 = 2;
/** Beside a prefix, of EVEX: its bit W, which has byte instructions work on words of 16 bits. */
const WORDS = 0x80;

/**
 * Writes instructions of x86-64, with vectors of 256 bits (AVX2 and FMA) or of 512 bits (AVX-512 F and DQ, for bfloat16
 * BF16 and BW). Of the masks that the latter have registers for, the first is used. Source: Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 2.
 */
export class Assembler {
  /** @param vectors that instructions on whole vectors work on */
  constructor(readonly vectors: Vectors) {}

  private bytes = new Uint8Array(4096);
  private length = 0;
  private readonly labels: Label[] = [];

  /** The code so far, with all jumps in place. */
  code(): Uint8Array {
    const code = this.bytes.slice(0, this.length);
    const view = new DataView(code.buffer);
    for (const { position, uses } of this.labels) {
      if (uses.length === 0) continue;
      if (position === undefined) throw new TypeError("a label that is jumped to was never bound");
      for (const use of uses) view.setInt32(use, position - (use + 4), true);
    }
    return code;
  }

  label(): Label {
    const label = new Label();
    this.labels.push(label);
    return label;
  }

  bind(label: Label): void {
    label.position = this.length;
  }

  jump(label: Label): void {
    this.emit(0xe9);
    this.reference(label);
  }

  jumpIf(condition: keyof typeof CONDITIONS, label: Label): void {
    this.emit(0x0f, 0x80 | CONDITIONS[condition]);
    this.reference(label);
  }

  push(register: number): void {
    this.emit(...(register > 7 ? [0x41] : []), 0x50 | (register & 7));
  }

  pop(register: number): void {
    this.emit(...(register > 7 ? [0x41] : []), 0x58 | (register & 7));
  }

  /** Calls the function whose address is in memory. */
  call(pointer: Memory): void {
    this.rex(0, pointer.base);
    this.emit(0xff);
    this.operand(2, pointer);
  }

  /** The lower 32 bits of a register, one of the first eight, without sign. */
  extend(register: number): void {
    this.emit(0x89, 0xc0 | (register << 3) | register);
  }

  ret(): void {
    this.emit(0xc3);
  }

  /** `to` = `from`, 64 bits. */
  move(to: number, from: number): void {
    this.wide(0x8b, to, from);
  }

  /** `to` = a signed number of 32 bits. */
  set(to: number, value: number): void {
    this.rex(0, to);
    this.emit(0xc7, 0xc0 | (to & 7));
    this.int32(value);
  }

  /** `to` = 64 bits of memory. */
  load(to: number, from: Memory): void {
    this.wideMemory(0x8b, to, from);
  }

  /** `to` = the address of `from`. */
  address(to: number, from: Memory): void {
    this.wideMemory(0x8d, to, from);
  }

  /** `to` = the address of a label. */
  addressOf(to: number, label: Label): void {
    this.emit(0x48 | (to > 7 ? 4 : 0), 0x8d, ((to & 7) << 3) | 5);
    this.reference(label);
  }

  /** 64 bits of memory = `from`. */
  store(to: Memory, from: number): void {
    this.wideMemory(0x89, from, to);
  }

  /** `to` += `from`. */
  add(to: number, from: number): void {
    this.wide(0x03, to, from);
  }

  /** `to` += 64 bits of memory. */
  addMemory(to: number, from: Memory): void {
    this.wideMemory(0x03, to, from);
  }

  /** `to` += a signed number of 32 bits. */
  addNumber(to: number, value: number): void {
    if (value === 0) return;
    this.rex(0, to);
    this.emit(0x81, 0xc0 | (to & 7));
    this.int32(value);
  }

  /** `to` = `from` × a signed number of 32 bits. */
  multiply(to: number, from: number, value: number): void {
    this.rex(to, from);
    this.emit(0x69, 0xc0 | ((to & 7) << 3) | (from & 7));
    this.int32(value);
  }

  /** RAX, RDX = RDX:RAX divided by `by`, and what is left; unsigned. */
  divide(by: number): void {
    this.rex(0, by);
    this.emit(0xf7, 0xf0 | (by & 7));
  }

  /** Compares a register with a signed number of 32 bits, for `jumpIf`. */
  compare(register: number, value: number): void {
    this.rex(0, register);
    this.emit(0x81, 0xf8 | (register & 7));
    this.int32(value);
  }

  /** Compares a register with 64 bits of memory. */
  compareMemory(register: number, memory: Memory): void {
    this.wideMemory(0x3b, register, memory);
  }

  /** Register −= 1; `jumpIf("notZero")` tells whether something is left. */
  decrement(register: number): void {
    this.rex(0, register);
    this.emit(0xff, 0xc8 | (register & 7));
  }

  /** Adds `register` to 64 bits of memory that threads share; `register` = what was there before. */
  exchangeAdd(memory: Memory, register: number): void {
    this.emit(0xf0);
    this.rex(register, memory.base);
    this.emit(0x0f, 0xc1);
    this.operand(register, memory);
  }

  /** `to` = zeros. */
  clear(to: number): void {
    this.vector(TABLE_0F, 0, 0x57, to, to, to);
  }

  moveVector(to: number, from: number): void {
    this.vector(TABLE_0F, 0, 0x28, to, 0, from);
  }

  loadVector(to: number, from: Memory): void {
    this.vector(TABLE_0F, 0, 0x10, to, 0, from);
  }

  /** The lower four numbers of `to` = those of memory, the upper ones 0. */
  loadHalf(to: number, from: Memory): void {
    this.vex(TABLE_0F, 0, 0x10, to, 0, from, HALF);
  }

  /** `to` = the lower four numbers of `lower` and, above them, four of memory. */
  insertUpper(to: number, lower: number, from: Memory): void {
    this.vex(TABLE_0F3A, PREFIX_66, 0x18, to, lower, from);
    this.emit(1);
  }

  /** `to` = the first two numbers of `a` and of `b` by turns, in the lower half and in the upper one. */
  interleaveLow(to: number, a: number, b: number): void {
    this.vex(TABLE_0F, 0, 0x14, to, a, b);
  }

  /** The same of their last two numbers. */
  interleaveHigh(to: number, a: number, b: number): void {
    this.vex(TABLE_0F, 0, 0x15, to, a, b);
  }

  /** `to` = the first two numbers of `a`, then those of `b`, in the lower half and in the upper one. */
  lowPairs(to: number, a: number, b: number): void {
    this.vex(TABLE_0F, 0, 0xc6, to, a, b);
    this.emit(0x44);
  }

  /** The same of their last two numbers. */
  highPairs(to: number, a: number, b: number): void {
    this.vex(TABLE_0F, 0, 0xc6, to, a, b);
    this.emit(0xee);
  }

  storeVector(to: Memory, from: number): void {
    this.vector(TABLE_0F, 0, 0x11, from, 0, to);
  }

  /** `to` = those numbers of memory where `mask` has its sign bit set, and 0 for the others, which are not read. */
  loadMasked(to: number, mask: number, from: Memory): void {
    if (this.vectors.name === "avx2") this.vex(TABLE_0F38, PREFIX_66, 0x2c, to, mask, from);
    else {
      this.maskBySign(mask);
      this.evex(TABLE_0F, 0, 0x10, to, 0, from, MASKED | ZEROED);
    }
  }

  /** Writes those numbers of `from` where `mask` has its sign bit set. */
  storeMasked(to: Memory, mask: number, from: number): void {
    if (this.vectors.name === "avx2") this.vex(TABLE_0F38, PREFIX_66, 0x2e, from, mask, to);
    else {
      this.maskBySign(mask);
      this.evex(TABLE_0F, 0, 0x11, from, 0, to, MASKED);
    }
  }

  /** `to` = as many numbers of bfloat16 as a vector has, as float32 (AVX-512). */
  loadBrainFloat(to: number, from: Memory): void {
    const [widen, shiftLeft, bits] = [0x33, 0x72, 16];
    this.evex(TABLE_0F38, PREFIX_66, widen, to, 0, from, 0, this.vectors.bytes / 2);
    this.evex(TABLE_0F, PREFIX_66, shiftLeft, 6, to, to);
    this.emit(bits);
  }

  /** Writes a vector's numbers rounded to bfloat16, and leaves `from` so as well (AVX-512 BF16). */
  storeBrainFloat(to: Memory, from: number): void {
    this.narrow(from, from);
    this.storeHalf(to, from);
  }

  /** The lower half of `to` = a vector's numbers rounded to bfloat16 (AVX-512 BF16). */
  narrow(to: number, from: number): void {
    this.evex(TABLE_0F38, PREFIX_F3, 0x72, to, 0, from);
  }

  /** `to` = the lower half of `low` and, above it, that of `high` (AVX-512). */
  joinHalves(to: number, low: number, high: number): void {
    this.evex(TABLE_0F3A, PREFIX_66, 0x1a, to, low, high);
    this.emit(1);
  }

  /** `to` = the words of 16 bits whose numbers it holds: those of `a` come first, then those of `b` (AVX-512 BW). */
  chooseWords(to: number, a: number, b: number): void {
    this.evex(TABLE_0F38, PREFIX_66 | WORDS, 0x75, to, a, b);
  }

  /** Writes the lower half of a vector (AVX-512). */
  storeHalf(to: Memory, from: number): void {
    this.evex(TABLE_0F, 0, 0x11, from, 0, to, 0, this.vectors.bytes / 2, NARROW);
  }

  /** All numbers of `to` = the one in memory. */
  broadcast(to: number, from: Memory): void {
    this.vector(TABLE_0F38, PREFIX_66, 0x18, to, 0, from, NUMBER);
  }

  /** `to` += a × b, rounded once. */
  multiplyAdd(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F38, PREFIX_66, 0xb8, to, a, b);
  }

  addVectors(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x58, to, a, b);
  }

  subtractVectors(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x5c, to, a, b);
  }

  multiplyVectors(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x59, to, a, b);
  }

  divideVectors(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x5e, to, a, b);
  }

  squareRoot(to: number, from: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x51, to, 0, from);
  }

  /** `to` = `to` × a + b, rounded once. */
  scaleAdd(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F38, PREFIX_66, 0xa8, to, a, b);
  }

  /** `to` = the numbers of `from` where a > b, and 0 elsewhere; `a` may be lost. */
  whereGreater(to: number, a: number, b: number, from: number | Memory): void {
    const [compare, isGreater] = [0xc2, 30];
    if (this.vectors.name === "avx2") {
      this.vex(TABLE_0F, 0, compare, a, a, b);
      this.emit(isGreater);
      this.vex(TABLE_0F, 0, 0x54, to, a, from);
    } else {
      this.evex(TABLE_0F, 0, compare, MASK, a, b);
      this.emit(isGreater);
      this.evex(TABLE_0F, 0, 0x10, to, 0, from, MASKED | ZEROED);
    }
  }

  /** The larger of each two numbers; `b` where one of them is not a number. */
  maximum(to: number, a: number, b: number | Memory): void {
    this.vector(TABLE_0F, 0, 0x5f, to, a, b);
  }

  /** Fetches memory into the first cache that will be read soon; one that does not exist is no error. */
  prefetch(memory: Memory): void {
    this.rex(0, memory.base);
    this.emit(0x0f, 0x18);
    this.operand(1, memory);
  }

  /** To be done before code without vectors goes on. */
  leaveVectors(): void {
    this.emit(0xc5, 0xf8, 0x77);
  }

  /** Numbers of 64 bits within the code, from the next multiple of 8 on, at `label`. */
  data(label: Label, values: readonly number[]): void {
    while (this.length % 8 !== 0) this.emit(0);
    this.bind(label);
    for (const value of values) {
      this.int32(value);
      this.int32(value < 0 ? -1 : 0);
    }
  }

  /** Vectors within the code, at `label`: of equal numbers each, or of those that are given. */
  vectorData(label: Label, values: readonly (number | readonly number[])[]): void {
    while (this.length % this.vectors.bytes !== 0) this.emit(0);
    this.bind(label);
    for (const value of values) {
      const numbers = typeof value === "number" ? new Array<number>(this.vectors.lanes).fill(value) : value;
      this.emit(...new Uint8Array(Float32Array.from(numbers).buffer));
    }
  }

  /** Vectors of words of 16 bits within the code, at `label`. */
  wordData(label: Label, words: readonly number[]): void {
    while (this.length % this.vectors.bytes !== 0) this.emit(0);
    this.bind(label);
    this.emit(...new Uint8Array(Uint16Array.from(words).buffer));
  }

  private wide(opcode: number, register: number, other: number): void {
    this.rex(register, other);
    this.emit(opcode, 0xc0 | ((register & 7) << 3) | (other & 7));
  }

  private wideMemory(opcode: number, register: number, memory: Memory): void {
    this.rex(register, memory.base);
    this.emit(opcode);
    this.operand(register, memory);
  }

  private rex(register: number, base: number): void {
    this.emit(0x48 | (register > 7 ? 4 : 0) | (base > 7 ? 1 : 0));
  }

  /** An instruction on whole vectors: `second` is its first source, `last` the other one. */
  private vector(
    table: number,
    prefix: number,
    opcode: number,
    register: number,
    second: number,
    last: number | Memory,
    unit: number = this.vectors.bytes,
  ): void {
    if (this.vectors.name === "avx2") this.vex(table, prefix, opcode, register, second, last);
    else this.evex(table, prefix, opcode, register, second, last, 0, unit);
  }

  private vex(
    table: number,
    prefix: number,
    opcode: number,
    register: number,
    second: number,
    last: number | Memory,
    length = WHOLE,
  ): void {
    const base = typeof last === "number" ? last : last.base;
    const high = (register > 7 ? 0 : 0x80) | 0x40 | (base > 7 ? 0 : 0x20);
    this.emit(0xc4, high | table, ((~second & 15) << 3) | length | prefix, opcode);
    if (typeof last === "number") this.emit(0xc0 | ((register & 7) << 3) | (last & 7));
    else this.operand(register, last);
  }

  /** @param unit bytes that short distances in memory count */
  private evex(
    table: number,
    prefix: number,
    opcode: number,
    register: number,
    second: number,
    last: number | Memory,
    mask = 0,
    unit: number = this.vectors.bytes,
    length = WIDE,
  ): void {
    const isRegister = typeof last === "number";
    const base = isRegister ? last : last.base;
    const high =
      (register & 8 ? 0 : 0x80) |
      (isRegister && base & 16 ? 0 : 0x40) |
      (base & 8 ? 0 : 0x20) |
      (register & 16 ? 0 : 0x10);
    this.emit(0x62, high | table, ((~second & 15) << 3) | 4 | prefix, length | mask | (second & 16 ? 0 : 8), opcode);
    if (isRegister) this.emit(0xc0 | ((register & 7) << 3) | (last & 7));
    else this.operand(register, last, unit);
  }

  /** The mask register's bits = the signs of a vector's numbers. */
  private maskBySign(vector: number): void {
    this.evex(TABLE_0F38, PREFIX_F3, 0x39, MASK, 0, vector);
  }

  private operand(register: number, { base, offset }: Memory, unit = 1): void {
    const short = offset / unit;
    const isShort = Number.isInteger(short) && short >= -128 && short < 128;
    const mode = offset === 0 && (base & 7) !== RBP ? 0 : isShort ? 0x40 : 0x80;
    this.emit(mode | ((register & 7) << 3) | (base & 7));
    if ((base & 7) === RSP) this.emit(0x24);
    if (mode === 0x40) this.emit(short & 0xff);
    if (mode === 0x80) this.int32(offset);
  }

  private reference(label: Label): void {
    label.uses.push(this.length);
    this.int32(0);
  }

  private int32(value: number): void {
    if (value !== (value | 0)) throw new RangeError(`${value} does not fit in 32 bits`);
    this.emit(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
  }

  private emit(...values: readonly number[]): void {
    if (this.length + values.length > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    for (const value of values) this.bytes[this.length++] = value;
  }
}
