import { Assembler, at, R8, RAX, RBX, RCX, RDX } from "./assembler.js";
import type { Target } from "./blocks.js";
import { eachOf, inRuns } from "./items.js";

/** Vectors of an item. */
const ITEM = 32;
/** Vectors added up side by side. */
const UNROLLED = 8;

/** Where the arguments lie in what the kernel is handed. */
const ARGUMENTS = { source: 8, destination: 16 } as const;

/** Sums that several items have made a part of each, one after the other in memory. */
export interface PartialSums extends Target {
  readonly parts: number;
  /** Numbers of a part: they fill vectors. */
  readonly length: number;
}

/** Machine code that adds up the parts, the first to the last. */
export function partialSumsCode({ parts, length, vectors, threads }: PartialSums): Uint8Array {
  const code = new Assembler(vectors);
  const count = length / vectors.lanes;
  const items = Math.floor(count / ITEM);
  const sumUp = (many: number) =>
    inRuns(code, RCX, many, UNROLLED, (unrolled) => {
      const nextPart = code.label();
      for (let i = 0; i < unrolled; i++) code.clear(i);
      code.move(RDX, RAX);
      code.addMemory(RDX, at(RBX, ARGUMENTS.source));
      code.set(R8, parts);
      code.bind(nextPart);
      for (let i = 0; i < unrolled; i++) code.addVectors(i, i, at(RDX, i * vectors.bytes));
      code.addNumber(RDX, length * 4);
      code.decrement(R8);
      code.jumpIf("notZero", nextPart);
      code.move(RDX, RAX);
      code.addMemory(RDX, at(RBX, ARGUMENTS.destination));
      for (let i = 0; i < unrolled; i++) code.storeVector(at(RDX, i * vectors.bytes), i);
      code.addNumber(RAX, unrolled * vectors.bytes);
    });
  const rest = count % ITEM;
  eachOf(code, items + (rest > 0 ? 1 : 0), threads, () => {
    const [last, done] = [code.label(), code.label()];
    code.multiply(RAX, RAX, ITEM * vectors.bytes);
    code.compare(RAX, items * ITEM * vectors.bytes);
    code.jumpIf("atLeast", last);
    if (items > 0) sumUp(ITEM);
    code.jump(done);
    code.bind(last);
    sumUp(rest);
    code.bind(done);
  });
  return code.code();
}
