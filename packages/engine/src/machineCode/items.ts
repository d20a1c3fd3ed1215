import { type Assembler, at, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP } from "./assembler.js";
import { bySize, type Piece, type Run } from "./parts.js";

const SAVED = [RBX, RBP, R12, R13, R14, R15];
/** Bytes below them: the part at hand, and how many parts are left. A call finds the stack at a multiple of 16 so. */
const FRAME = 24;

/** What a kernel is handed besides its arguments: the address of its counters, and of the function that numbers threads. */
export const HANDED = { counters: 0, threadNumber: 120, bytes: 128 } as const;
/** A counter lies alone in a line of the caches. */
export const COUNTER_BYTES = 64;

/** The items that one of the threads which are expected begins with. */
export interface Part {
  readonly count: number;
  /** What the code for an item reads of its part. */
  readonly data: readonly number[];
}

/** Items in as many parts as there are threads, in order; the data of each is the number of its first item. */
export function inParts(count: number, threads: number): Part[] {
  const starts = Array.from({ length: threads + 1 }, (_, part) => Math.floor((part * count) / threads));
  return starts.slice(1).map((end, part) => ({ count: end - starts[part], data: [starts[part]] }));
}

/**
 * `eachItem` of items that are numbered throughout.
 *
 * @param body code for the item in RAX
 */
export function eachOf(code: Assembler, count: number, threads: number, body: () => void): void {
  eachItem(code, inParts(count, threads), () => {
    code.addMemory(RAX, at(RSI));
    body();
  });
}

/**
 * The frame of a function that several threads run at once, handed the address of its arguments. A thread takes the items of its
 * own part, so that it finds in its caches what it made there before, then what is left of the others'. Counters of items
 * taken, one a part, are 0 in the beginning.
 *
 * @param body code for item RAX of the part whose data RSI points to; RBX is the arguments' address, all other registers but
 * the stack's are free
 */
export function eachItem(code: Assembler, parts: readonly Part[], body: () => void): void {
  const threads = parts.length;
  const entryBytes = 8 * (1 + parts[0].data.length);
  const [next, nextPart, end, table] = Array.from({ length: 4 }, () => code.label());
  for (const register of SAVED) code.push(register);
  code.addNumber(RSP, -FRAME);
  code.move(RBX, RDI);
  code.set(RDX, 0);
  if (threads > 1) {
    code.call(at(RBX, HANDED.threadNumber));
    code.extend(RAX);
    code.set(RDX, 0);
    code.set(RCX, threads);
    code.divide(RCX);
  }
  code.store(at(RSP), RDX);
  code.set(RCX, threads);
  code.store(at(RSP, 8), RCX);

  code.bind(next);
  code.load(RCX, at(RSP));
  code.multiply(RDX, RCX, COUNTER_BYTES);
  code.addMemory(RDX, at(RBX, HANDED.counters));
  code.set(RAX, 1);
  code.exchangeAdd(at(RDX), RAX);
  code.multiply(RCX, RCX, entryBytes);
  code.addressOf(RSI, table);
  code.add(RSI, RCX);
  code.compareMemory(RAX, at(RSI));
  code.jumpIf("atLeast", nextPart);
  code.addNumber(RSI, 8);
  body();
  code.jump(next);

  code.bind(nextPart);
  code.load(RCX, at(RSP, 8));
  code.decrement(RCX);
  code.jumpIf("zero", end);
  code.store(at(RSP, 8), RCX);
  code.load(RAX, at(RSP));
  code.addNumber(RAX, 1);
  code.set(RDX, 0);
  code.set(RCX, threads);
  code.divide(RCX);
  code.store(at(RSP), RDX);
  code.jump(next);

  code.bind(end);
  code.leaveVectors();
  code.addNumber(RSP, FRAME);
  for (const register of SAVED.toReversed()) code.pop(register);
  code.ret();
  code.data(
    table,
    parts.flatMap(({ count, data }) => [count, ...data]),
  );
}

/**
 * Code for so many repetitions, several of them written out one after the other, then what is left of them.
 *
 * @param counter register that counts
 * @param body writes out so many, and moves on by as many
 */
export function inRuns(
  code: Assembler,
  counter: number,
  total: number,
  unrolled: number,
  body: (count: number) => void,
): void {
  const runs = Math.floor(total / unrolled);
  if (runs > 0) {
    const next = code.label();
    code.set(counter, runs);
    code.bind(next);
    body(unrolled);
    code.decrement(counter);
    code.jumpIf("notZero", next);
  }
  if (total % unrolled > 0) body(total % unrolled);
}

/**
 * Code for the piece whose number is in a register, for each size that there is.
 *
 * @param body finds the piece's number among those of its size in the register
 */
export function eachSize(code: Assembler, register: number, pieces: readonly Piece[], body: (run: Run) => void): void {
  const done = code.label();
  const runs = bySize(pieces);
  for (const run of runs) {
    const next = code.label();
    code.compare(register, run.before + run.pieces);
    code.jumpIf("atLeast", next);
    code.addNumber(register, -run.before);
    body(run);
    code.jump(done);
    code.bind(next);
  }
  code.bind(done);
}
