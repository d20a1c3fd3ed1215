import { Assembler, at, R8, R9, R11, RAX, RBX, RCX, RDI, RDX, RSI } from "./assembler.js";
import type { Target } from "./blocks.js";
import { eachOf, inRuns } from "./items.js";

/** Numbers of an item. */
const ITEM = 8192;
/** Vectors written out one after the other. */
const UNROLLED = 4;

/** Registers that go through the arguments. */
const POINTERS = [RSI, RDI, R8, R9] as const;
/** The first of the registers that hold the same for all elements: factors, then constants. */
const FIXED = 6;
const MASK = 15;

/** Arguments of one length that lie in memory without gaps, which a kernel works on element by element. */
export interface Elements extends Target {
  readonly length: number;
}

/** What the kernel is handed: addresses of as many arguments, then of as many numbers. */
interface Operands {
  readonly arguments: number;
  readonly factors: number;
  readonly constants?: readonly number[];
}

/** The element at hand of an argument. */
interface Access {
  readonly load: (to: number, argument: number) => void;
  readonly store: (argument: number, from: number) => void;
  /** Its number among those that are written out one after the other. */
  readonly unrolled: number;
}

interface Work {
  /** Of a vector of elements, with registers 0 to 5. */
  readonly step: (access: Access) => void;
  /** Before the elements of an item, and after them; the item's number is in RAX then. */
  readonly before?: () => void;
  readonly after?: () => void;
}

/**
 * A kernel whose items are stretches of the arguments.
 *
 * @param work is given the registers of factors and constants
 */
function elementwise(
  { length, vectors, threads }: Elements,
  operands: Operands,
  work: (code: Assembler, fixed: number[]) => Work,
) {
  const code = new Assembler(vectors);
  const constants = operands.constants ?? [];
  const table = code.label();
  const fixed = Array.from({ length: operands.factors + constants.length }, (_, i) => FIXED + i);
  const { step, before, after } = work(code, fixed);
  const pointers = POINTERS.slice(0, operands.arguments);
  const run = (unrolled: number, isWhole = true) => {
    for (let i = 0; i < unrolled; i++) {
      step({
        load: (to, argument) => {
          const from = at(pointers[argument], i * vectors.bytes);
          if (isWhole) code.loadVector(to, from);
          else code.loadMasked(to, MASK, from);
        },
        store: (argument, from) => {
          const to = at(pointers[argument], i * vectors.bytes);
          if (isWhole) code.storeVector(to, from);
          else code.storeMasked(to, MASK, from);
        },
        unrolled: i,
      });
    }
    for (const pointer of pointers) code.addNumber(pointer, unrolled * vectors.bytes);
  };
  const stretch = (count: number) => {
    inRuns(code, RCX, Math.floor(count / vectors.lanes), UNROLLED, run);
    if (count % vectors.lanes > 0) run(1, false);
  };
  const items = Math.floor(length / ITEM);
  const rest = length % ITEM;

  eachOf(code, items + (rest > 0 ? 1 : 0), threads, () => {
    code.push(RAX);
    code.multiply(RDX, RAX, 4 * ITEM);
    pointers.forEach((pointer, i) => {
      code.load(pointer, at(RBX, 8 * (1 + i)));
      code.add(pointer, RDX);
    });
    for (let i = 0; i < operands.factors; i++) {
      code.load(RDX, at(RBX, 8 * (1 + pointers.length + i)));
      code.broadcast(fixed[i], at(RDX));
    }
    code.addressOf(R11, table);
    constants.forEach((_, i) => {
      code.loadVector(fixed[operands.factors + i], at(R11, i * vectors.bytes));
    });
    if (rest % vectors.lanes > 0) code.loadVector(MASK, at(R11, constants.length * vectors.bytes));
    before?.();
    const [last, done] = [code.label(), code.label()];
    code.compare(RAX, items);
    code.jumpIf("atLeast", last);
    if (items > 0) stretch(ITEM);
    code.jump(done);
    code.bind(last);
    if (rest > 0) stretch(rest);
    code.bind(done);
    code.pop(RAX);
    after?.();
  });
  const mask = Array.from({ length: vectors.lanes }, (_, lane) => (lane < rest % vectors.lanes ? -1 : 0));
  code.vectorData(table, [...constants, mask]);
  return code.code();
}

/** A step of stochastic gradient descent. */
export interface Descent extends Elements {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Whether gradients are to be scaled. */
  readonly isScaled: boolean;
}

/**
 * Machine code as of `groupedConvolutionCode` that changes weights and velocities by gradients: arguments 1 to 3, then the learning
 * rate, and the gradients' scale if there is one.
 */
export function descentCode(descent: Descent): Uint8Array {
  const { momentum, nesterov, weightDecay, isScaled } = descent;
  const operands = { arguments: 3, factors: isScaled ? 2 : 1, constants: [momentum, weightDecay] };
  const [weights, velocities, gradients] = [0, 1, 2];
  return elementwise(descent, operands, (code, fixed) => {
    const [rate, scale] = fixed;
    const [keep, decay] = fixed.slice(operands.factors);
    const [weight, velocity, gradient, zero] = [0, 1, 2, 3];
    return {
      before: () => {
        code.clear(zero);
        code.subtractVectors(rate, zero, rate);
      },
      step: ({ load, store }) => {
        load(weight, weights);
        load(gradient, gradients);
        load(velocity, velocities);
        if (isScaled) code.multiplyVectors(gradient, gradient, scale);
        if (weightDecay !== 0) code.multiplyAdd(gradient, weight, decay);
        code.scaleAdd(velocity, keep, gradient);
        store(velocities, velocity);
        if (nesterov) code.multiplyAdd(gradient, velocity, keep);
        code.multiplyAdd(weight, nesterov ? gradient : velocity, rate);
        store(weights, weight);
      },
    };
  });
}

/** A step of AdamW. */
export interface AdaptiveDescent extends Elements {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Machine code that changes weights and the averages of gradients and of their squares: arguments 1, 3 and 4, the gradients being
 * the second. Five numbers follow that depend on the step: what of the weights stays, the learning rate's negative over the first
 * average's share of all, what either average takes of the gradient, and the reciprocal of the second's share of all.
 */
export function adaptiveDescentCode(descent: AdaptiveDescent): Uint8Array {
  const { beta1, beta2, epsilon } = descent;
  const operands = { arguments: 4, factors: 5, constants: [beta1, beta2, epsilon] };
  const [weights, gradients, means, squares] = [0, 1, 2, 3];
  return elementwise(descent, operands, (code, fixed) => {
    const [shrink, minusRate, meanShare, squareShare, correction, keepMean, keepSquare, offset] = fixed;
    const [weight, gradient, mean, square, change] = [0, 1, 2, 3, 4];
    return {
      step: ({ load, store }) => {
        load(gradient, gradients);
        load(mean, means);
        code.multiplyVectors(mean, mean, keepMean);
        code.multiplyAdd(mean, gradient, meanShare);
        store(means, mean);
        load(square, squares);
        code.multiplyVectors(square, square, keepSquare);
        code.multiplyVectors(gradient, gradient, gradient);
        code.multiplyAdd(square, gradient, squareShare);
        store(squares, square);
        code.multiplyVectors(change, square, correction);
        code.squareRoot(change, change);
        code.addVectors(change, change, offset);
        code.divideVectors(change, mean, change);
        code.multiplyVectors(change, change, minusRate);
        load(weight, weights);
        code.scaleAdd(weight, shrink, change);
        store(weights, weight);
      },
    };
  });
}

/** How many sums `squaresCode` makes. */
export function sumsOf({ length, vectors }: Elements): number {
  return vectors.lanes * Math.ceil(length / ITEM);
}

/** Machine code for sums of squares of some elements each, in parts that add up to the sum of all: argument 1, and 2 for the sums. */
export function squaresCode(elements: Elements): Uint8Array {
  const { vectors } = elements;
  return elementwise(elements, { arguments: 1, factors: 0 }, (code) => {
    const sums = Array.from({ length: UNROLLED }, (_, i) => 2 + i);
    return {
      before: () => {
        for (const sum of sums) code.clear(sum);
      },
      step: ({ load, unrolled }) => {
        const element = unrolled % 2;
        load(element, 0);
        code.multiplyAdd(sums[unrolled], element, element);
      },
      after: () => {
        for (const [to, from] of [
          [0, 2],
          [1, 3],
          [0, 1],
        ]) {
          code.addVectors(sums[to], sums[to], sums[from]);
        }
        code.multiply(RAX, RAX, vectors.bytes);
        code.addMemory(RAX, at(RBX, 16));
        code.storeVector(at(RAX), sums[0]);
      },
    };
  });
}
