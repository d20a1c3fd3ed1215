import { Assembler, at, R8, RAX, RBX, RCX, RDX } from "./assembler.js";
import { LANES, VECTOR } from "./blocks.js";
import { eachOf, inRuns } from "./items.js";

/** Vectors of an item. */
const ITEM = 32;
/** Vectors added up side by side. */
const UNROLLED = 8;

/** Where the arguments lie in what the kernel is handed. */
const ARGUMENTS = { source: 8, destination: 16 } as const;

/** Sums that several items have made a part of each, one after the other in memory. */
export interface PartialSums {
  readonly parts: number;
  /** Numbers of a part: a multiple of 8. */
  readonly length: number;
  /** Threads that are expected. */
  readonly threads: number;
}

/** Machine code that adds up the parts, the first to the last. */
export function partialSumsCode({ parts, length, threads }: PartialSums): Uint8Array {
  const code = new Assembler();
  const vectors = length / LANES;
  const items = Math.floor(vectors / ITEM);
  const sumUp = (count: number) =>
    inRuns(code, RCX, count, UNROLLED, (unrolled) => {
      const nextPart = code.label();
      for (let i = 0; i < unrolled; i++) code.clear(i);
      code.move(RDX, RAX);
      code.addMemory(RDX, at(RBX, ARGUMENTS.source));
      code.set(R8, parts);
      code.bind(nextPart);
      for (let i = 0; i < unrolled; i++) code.addVectors(i, i, at(RDX, i * VECTOR));
      code.addNumber(RDX, length * 4);
      code.decrement(R8);
      code.jumpIf("notZero", nextPart);
      code.move(RDX, RAX);
      code.addMemory(RDX, at(RBX, ARGUMENTS.destination));
      for (let i = 0; i < unrolled; i++) code.storeVector(at(RDX, i * VECTOR), i);
      code.addNumber(RAX, unrolled * VECTOR);
    });
  const rest = vectors % ITEM;
  eachOf(code, items + (rest > 0 ? 1 : 0), threads, () => {
    const [last, done] = [code.label(), code.label()];
    code.multiply(RAX, RAX, ITEM * VECTOR);
    code.compare(RAX, items * ITEM * VECTOR);
    code.jumpIf("atLeast", last);
    if (items > 0) sumUp(ITEM);
    code.jump(done);
    code.bind(last);
    sumUp(rest);
    code.bind(done);
  });
  return code.code();
}
