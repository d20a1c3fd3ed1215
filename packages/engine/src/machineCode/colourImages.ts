import { Assembler, at, R8, RAX, RBX, RCX, RDI, RDX, RSI } from "./assembler.js";
import { AVX512, type Target } from "./blocks.js";
import { eachOf } from "./items.js";

const ARGUMENTS = { source: 8, destination: 16 } as const;

/** Images of three channels. Places must be a multiple of the numbers in a vector. */
export interface ColourImages extends Target {
  readonly images: number;
  readonly places: number;
}

/** Channels of an image. */
export const COLOURS = 3;
/** Bytes of a vector of float32, and of a number and a vector of bfloat16. */
const { lanes: LANES, bytes: WHOLE } = AVX512;
const NARROW = 2;
const HALF = LANES * NARROW;
/** Vectors of a channel that an item has at most. */
const MOST_VECTORS = 256;
/** What the code keeps in registers for every item: where the words of the first vector that is written come from, and of the second. */
const [FIRST, SECOND] = [4, 5];

/**
 * Images of float32, one channel after the other, as bfloat16 with channels last (AVX-512 BF16 and BW). Of 16 places a vector holds red
 * and green, another one blue, and two choices of words from both make the pixels.
 *
 * @returns machine code as of `groupedConvolutionCode`
 */
export function colourImagesCode({ images, places, threads }: ColourImages): Uint8Array {
  const code = new Assembler(AVX512);
  const vectors = places / LANES;
  const pieces = Math.ceil(vectors / MOST_VECTORS);
  const length = Math.ceil(vectors / pieces);
  const choices = code.label();
  eachOf(code, images * pieces, threads, () => {
    const [whole, next] = [code.label(), code.label()];
    code.set(RDX, 0);
    code.set(RCX, pieces);
    code.divide(RCX);
    // The last piece of an image ends where the image does, and may begin within the one before.
    code.multiply(RDX, RDX, length);
    code.compare(RDX, vectors - length);
    code.jumpIf("below", whole);
    code.set(RDX, vectors - length);
    code.bind(whole);
    for (const [pointer, argument, image, vector] of [
      [RSI, ARGUMENTS.source, COLOURS * vectors * WHOLE, WHOLE],
      [RDI, ARGUMENTS.destination, COLOURS * vectors * HALF, COLOURS * HALF],
    ]) {
      code.multiply(pointer, RAX, image);
      code.multiply(RCX, RDX, vector);
      code.add(pointer, RCX);
      code.addMemory(pointer, at(RBX, argument));
    }
    code.addressOf(R8, choices);
    code.loadVector(FIRST, at(R8));
    code.loadVector(SECOND, at(R8, WHOLE));
    code.set(RCX, length);
    code.bind(next);
    for (let colour = 0; colour < COLOURS; colour++) {
      code.loadVector(colour, at(RSI, colour * vectors * WHOLE));
      code.narrow(colour, colour);
    }
    code.joinHalves(0, 0, 1);
    for (const [i, choice] of [FIRST, SECOND].entries()) {
      code.moveVector(6 + i, choice);
      code.chooseWords(6 + i, 0, 2);
    }
    code.storeVector(at(RDI), 6);
    code.storeHalf(at(RDI, WHOLE), 7);
    code.addNumber(RSI, WHOLE);
    code.addNumber(RDI, COLOURS * HALF);
    code.decrement(RCX);
    code.jumpIf("notZero", next);
  });
  // Red and green are the words of the one vector, blue the first half of the other's.
  const pixels = Array.from(
    { length: 2 * 2 * LANES },
    (_, i) => (i % COLOURS) * LANES + (Math.floor(i / COLOURS) % LANES),
  );
  code.wordData(choices, pixels);
  return code.code();
}
