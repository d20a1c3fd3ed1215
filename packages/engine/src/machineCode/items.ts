import { type Assembler, at, R12, R13, R14, R15, RAX, RBP, RBX, RDI } from "./assembler.js";

const SAVED = [RBX, RBP, R12, R13, R14, R15];

/**
 * The frame of a function that several threads run at once, handed the address of its arguments: each takes the next of
 * `count` items until none is left. The first argument counts those taken and is 0 in the beginning.
 *
 * @param body code for the item in RAX; RBX is the arguments' address, all other registers but the stack's are free
 */
export function eachItem(code: Assembler, count: number, body: () => void): void {
  for (const register of SAVED) code.push(register);
  code.move(RBX, RDI);
  const [next, end] = [code.label(), code.label()];
  code.bind(next);
  code.set(RAX, 1);
  code.exchangeAdd(at(RBX), RAX);
  code.compare(RAX, count);
  code.jumpIf("atLeast", end);
  body();
  code.jump(next);
  code.bind(end);
  code.leaveVectors();
  for (const register of [...SAVED].reverse()) code.pop(register);
  code.ret();
}
