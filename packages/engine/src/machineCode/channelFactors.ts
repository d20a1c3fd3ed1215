import { Assembler, at, R8, R9, R10, R11, RAX, RBX, RCX, RDI, RDX, RSI } from "./assembler.js";
import type { Target } from "./blocks.js";
import { eachOf, inRuns } from "./items.js";

/** Items that threads can share out evenly. */
const ITEMS = 32;
/** Places written out one after the other. */
const UNROLLED = 4;

/** Images on channel blocks, [N, C/lanes, places, lanes], with a number for each channel of each image: [N, C/lanes, lanes]. */
export interface ChannelFactors extends Target {
  readonly images: number;
  readonly blocks: number;
  readonly places: number;
}

/** Addresses in what a kernel is handed: of images, of numbers a channel, and of the result. */
const ARGUMENTS = { image: 8, second: 16, addend: 24 } as const;

/**
 * Machine code for images times a factor for each channel of each image, arguments 1 and 2.
 *
 * @param spreads whether a number for each of them is added as well, divided by the number of places: argument 3. The result
 * is the last argument, and may lie where the images do.
 */
export function scaledChannelsCode(shape: ChannelFactors, spreads: boolean): Uint8Array {
  const [factor, addend] = [4, 5];
  const result = spreads ? 32 : 24;
  return rowwise(shape, [1 / shape.places], (code, eachPlace) => {
    code.load(RDI, at(RBX, result));
    code.add(RDI, R9);
    number(code, factor, ARGUMENTS.second);
    if (spreads) {
      number(code, addend, ARGUMENTS.addend);
      code.multiplyVectors(addend, addend, at(R11));
    }
    eachPlace([RSI, RDI], (offset, unrolled) => {
      if (spreads) {
        code.loadVector(unrolled, at(RSI, offset));
        code.scaleAdd(unrolled, factor, addend);
      } else code.multiplyVectors(unrolled, factor, at(RSI, offset));
      code.storeVector(at(RDI, offset), unrolled);
    });
  });
}

/** Machine code for the sums over places of two images' products, arguments 1 and 2: one for each channel, argument 3. */
export function channelProductsCode(shape: ChannelFactors): Uint8Array {
  return rowwise(shape, [], (code, eachPlace) => {
    const sums = Array.from({ length: UNROLLED }, (_, i) => UNROLLED + i);
    code.load(RDI, at(RBX, ARGUMENTS.second));
    code.add(RDI, R9);
    for (const sum of sums) code.clear(sum);
    eachPlace([RSI, RDI], (offset, unrolled) => {
      code.loadVector(unrolled, at(RSI, offset));
      code.multiplyAdd(sums[unrolled], unrolled, at(RDI, offset));
    });
    for (let half = UNROLLED / 2; half >= 1; half /= 2) {
      for (let i = 0; i < half; i++) code.addVectors(sums[i], sums[i], sums[i + half]);
    }
    code.load(RDX, at(RBX, ARGUMENTS.addend));
    code.add(RDX, R8);
    code.storeVector(at(RDX), sums[0]);
  });
}

/** The row's vector of an argument that has one for each row. */
function number(code: Assembler, to: number, argument: number): void {
  code.load(RDX, at(RBX, argument));
  code.add(RDX, R8);
  code.loadVector(to, at(RDX));
}

/** Goes on with `pointers` through the places of a row. */
type EachPlace = (pointers: readonly number[], body: (offset: number, unrolled: number) => void) => void;

/**
 * A kernel whose items are blocks of channels of images. `row` finds a row's offset among numbers a channel in R8, among places in
 * R9, its places of argument 1 in RSI, and constants as vectors from R11 on.
 */
function rowwise(
  shape: ChannelFactors,
  constants: readonly number[],
  row: (code: Assembler, eachPlace: EachPlace) => void,
): Uint8Array {
  const { images, blocks, places, vectors, threads } = shape;
  const code = new Assembler(vectors);
  const rows = images * blocks;
  const perItem = Math.ceil(rows / ITEMS);
  const table = code.label();
  const eachPlace: EachPlace = (pointers, body) => {
    inRuns(code, RCX, places, UNROLLED, (count) => {
      for (let i = 0; i < count; i++) body(i * vectors.bytes, i);
      for (const pointer of pointers) code.addNumber(pointer, count * vectors.bytes);
    });
  };
  eachOf(code, Math.ceil(rows / perItem), threads, () => {
    const [next, whole] = [code.label(), code.label()];
    code.addressOf(R11, table);
    code.set(R10, perItem);
    code.compare(RAX, Math.floor(rows / perItem));
    code.jumpIf("below", whole);
    code.set(R10, rows % perItem);
    code.bind(whole);
    code.multiply(R8, RAX, perItem * vectors.bytes);
    code.bind(next);
    code.multiply(R9, R8, places);
    code.load(RSI, at(RBX, ARGUMENTS.image));
    code.add(RSI, R9);
    row(code, eachPlace);
    code.addNumber(R8, vectors.bytes);
    code.decrement(R10);
    code.jumpIf("notZero", next);
  });
  code.vectorData(table, constants);
  return code.code();
}
