import {
  Assembler,
  at,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
  RSP,
} from "./assembler.js";
import { ACCUMULATORS, ARGUMENTS, LANES, SOURCE, TAP, VECTOR } from "./blocks.js";
import { eachItem, inParts, type Part } from "./items.js";
import { evenly } from "./parts.js";

/** Blocks of the destination computed together: their weights and a number of the source fill the other registers. */
const MOST_BLOCKS = 3;
/** Weights that stay in the first cache while all places of an item pass by. */
const FIRST_CACHE = 16 * 1024;
/** Source of an item, which stays in the second cache while all blocks of the destination are computed from it. */
const SECOND_CACHE = 128 * 1024;

/** Images of all channels that the caches of all threads hold. */
const SMALL = 1024 * 1024;

/**
 * A 1×1 convolution of stride 1 on channel blocks of 8, [N, C/8, places, 8]: weights are [destination blocks, source blocks, 8, 8],
 * the destination's channels innermost. With weights whose channels are exchanged, the gradient of another's source.
 */
export interface PointwiseConvolution {
  readonly images: number;
  readonly places: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  /** Whether the result is added to what the destination holds. */
  readonly sum: boolean;
  readonly bias: boolean;
  readonly relu: boolean;
  /** Threads that are expected. */
  readonly threads: number;
}

/** Machine code as of `groupedConvolutionCode`. */
export function pointwiseConvolutionCode(convolution: PointwiseConvolution): Uint8Array {
  const { images, places, sourceBlocks, destinationBlocks } = convolution;
  const code = new Assembler();
  const chunks = evenly(destinationBlocks, MOST_BLOCKS);
  const blocks = chunks.largest;
  const tiles = evenly(places, Math.floor(ACCUMULATORS / blocks));
  const ranges = rangesOf(convolution, tiles);
  const [imageTable, bandTable] = [code.label(), code.label()];
  const imageGroups = Math.ceil(images / ranges.images);
  const bands = Math.ceil(tiles.count / ranges.tiles);
  // Weights to a block of the destination.
  const rowBytes = sourceBlocks * TAP;
  const [sourceBytes, destinationBytes] = [sourceBlocks, destinationBlocks].map((count) => count * places * VECTOR);

  eachItem(code, itemsOf(convolution, chunks.count, imageGroups * bands), () => {
    code.set(RDX, 0);
    code.load(RCX, at(RSI, PART.chunks));
    code.divide(RCX);
    // R10: the chunk of blocks; those of the larger size come first.
    code.load(R10, at(RSI, PART.firstChunk));
    code.add(R10, RDX);
    code.addMemory(RAX, at(RSI, PART.firstRange));
    code.set(RDX, 0);
    code.set(RCX, bands);
    code.divide(RCX);
    code.multiply(R14, RDX, 24);
    code.addressOf(RCX, bandTable);
    code.add(R14, RCX);
    code.multiply(R12, RAX, ranges.images * sourceBytes);
    code.addMemory(R12, at(R14));
    code.addMemory(R12, at(RBX, ARGUMENTS.source));
    code.multiply(R13, RAX, ranges.images * destinationBytes);
    code.addMemory(R13, at(R14));
    code.addMemory(R13, at(RBX, ARGUMENTS.destination));
    code.multiply(RAX, RAX, 8);
    code.addressOf(RCX, imageTable);
    code.add(RAX, RCX);
    code.load(RAX, at(RAX));
    code.push(RAX);
    const [small, done] = [code.label(), code.label()];
    const place = (size: number, from: number, firstBlock: number) => {
      code.addNumber(R10, -from);
      code.multiply(R15, R10, size * rowBytes);
      code.addNumber(R15, firstBlock * rowBytes);
      code.addMemory(R15, at(RBX, ARGUMENTS.weights));
      code.multiply(RCX, R10, size * places * VECTOR);
      code.addNumber(RCX, firstBlock * places * VECTOR);
      code.add(R13, RCX);
      if (!convolution.bias) return;
      code.multiply(R11, R10, size * VECTOR);
      code.addNumber(R11, firstBlock * VECTOR);
      code.addMemory(R11, at(RBX, ARGUMENTS.bias));
    };
    code.compare(R10, chunks.large);
    code.jumpIf("atLeast", small);
    place(blocks, 0, 0);
    emitChunk(code, convolution, blocks, tiles);
    code.jump(done);
    code.bind(small);
    if (chunks.large < chunks.count) {
      place(blocks - 1, chunks.large, chunks.large * blocks);
      emitChunk(code, convolution, blocks - 1, tiles);
    }
    code.bind(done);
    code.pop(RAX);
  });
  code.data(
    imageTable,
    Array.from({ length: imageGroups }, (_, i) => Math.min(ranges.images, images - i * ranges.images)),
  );
  code.data(bandTable, bandEntries(tiles, ranges.tiles));
  return code.code();
}

/** Offsets of the data of a part. */
const PART = { firstChunk: 0, chunks: 8, firstRange: 16 } as const;

/**
 * A part of the items, range of places by range, each with some of the chunks of blocks. Of an image that caches hold, a thread makes
 * some channels, which it goes on with in layers that take channels by themselves; larger ones are read once.
 */
function itemsOf(
  { images, places, sourceBlocks, threads }: PointwiseConvolution,
  chunks: number,
  ranges: number,
): Part[] {
  const isSmall = images * places * sourceBlocks * VECTOR <= SMALL;
  return inParts(isSmall ? chunks : ranges, threads).map(({ count, data: [first] }) =>
    isSmall ? { count: count * ranges, data: [first, count, 0] } : { count: count * chunks, data: [0, chunks, first] },
  );
}

type Tiles = ReturnType<typeof evenly>;

/** Of an item: as many images, or as many tiles of one image, as leave its source in the second cache. */
function rangesOf({ images, places, sourceBlocks }: PointwiseConvolution, tiles: Tiles) {
  const most = Math.max(1, Math.floor(SECOND_CACHE / (sourceBlocks * VECTOR)));
  if (places > most) return { images: 1, tiles: Math.ceil(tiles.count / Math.ceil(places / most)) };
  const groups = Math.ceil((images * places) / most);
  return { images: Math.ceil(images / groups), tiles: tiles.count };
}

/** Of each band: where it starts, how many tiles of the larger width it has, and how many of the smaller one. */
function bandEntries({ count, large, largest }: Tiles, tiles: number): number[] {
  return Array.from({ length: Math.ceil(count / tiles) }, (_, band) => {
    const first = band * tiles;
    const last = Math.min(count, first + tiles);
    const largeBefore = Math.min(first, large);
    const start = first * (largest - 1) + largeBefore;
    const own = Math.max(0, Math.min(last, large) - largeBefore);
    return [start * VECTOR, own, last - first - own];
  }).flat();
}

/** All places of an item for some blocks: source R12, destination R13, weights R15, bias R11, band R14, images on the stack. */
function emitChunk(code: Assembler, convolution: PointwiseConvolution, blocks: number, tiles: Tiles): void {
  const { places, sourceBlocks, destinationBlocks } = convolution;
  const most = Math.max(1, Math.floor(FIRST_CACHE / (blocks * TAP)));
  let first = 0;
  const parts = evenly(sourceBlocks, most);
  for (let part = 0; part < parts.count; part++) {
    const count = part < parts.large ? parts.largest : parts.largest - 1;
    const nextImage = code.label();
    code.address(RSI, at(R12, first * places * VECTOR));
    code.move(R8, R13);
    code.load(R9, at(RSP));
    code.bind(nextImage);
    code.move(RDX, RSI);
    code.move(RBP, R8);
    for (const [entry, width] of [
      [8, tiles.largest],
      [16, tiles.largest - 1],
    ]) {
      if (entry === 16 && tiles.large === tiles.count) continue;
      const [nextTile, noTile] = [code.label(), code.label()];
      code.load(RCX, at(R14, entry));
      code.compare(RCX, 0);
      code.jumpIf("zero", noTile);
      code.bind(nextTile);
      emitTile(code, convolution, { blocks, width, first, count });
      code.addNumber(RDX, width * VECTOR);
      code.addNumber(RBP, width * VECTOR);
      code.decrement(RCX);
      code.jumpIf("notZero", nextTile);
      code.bind(noTile);
    }
    code.addNumber(RSI, sourceBlocks * places * VECTOR);
    code.addNumber(R8, destinationBlocks * places * VECTOR);
    code.decrement(R9);
    code.jumpIf("notZero", nextImage);
    first += count;
  }
}

/** Some places of some blocks, from `count` blocks of the source. */
interface Tile {
  readonly blocks: number;
  readonly width: number;
  readonly first: number;
  readonly count: number;
}

function emitTile(
  code: Assembler,
  { places, sourceBlocks, sum, bias, relu }: PointwiseConvolution,
  { blocks, width, first, count }: Tile,
): void {
  const each = (action: (register: number, block: number, place: number) => void) => {
    for (let block = 0; block < blocks; block++) {
      for (let place = 0; place < width; place++) action(block * width + place, block, place);
    }
  };
  const result = (block: number, place: number) => at(RBP, (block * places + place) * VECTOR);
  each((register, block, place) => {
    if (first > 0 || sum) code.loadVector(register, result(block, place));
    else code.clear(register);
  });
  code.move(R10, RDX);
  code.address(RAX, at(R15, first * TAP));
  code.set(RDI, count);
  const nextBlock = code.label();
  code.bind(nextBlock);
  for (let lane = 0; lane < LANES; lane++) {
    for (let block = 0; block < blocks; block++) {
      code.loadVector(ACCUMULATORS + block, at(RAX, block * sourceBlocks * TAP + lane * VECTOR));
    }
    for (let place = 0; place < width; place++) {
      code.broadcast(SOURCE, at(R10, place * VECTOR + 4 * lane));
      for (let block = 0; block < blocks; block++)
        code.multiplyAdd(block * width + place, ACCUMULATORS + block, SOURCE);
    }
  }
  code.addNumber(R10, places * VECTOR);
  code.addNumber(RAX, TAP);
  code.decrement(RDI);
  code.jumpIf("notZero", nextBlock);
  const last = first + count === sourceBlocks;
  if (last && relu) code.clear(SOURCE);
  each((register, block, place) => {
    if (last && bias) code.addVectors(register, register, at(R11, block * VECTOR));
    if (last && relu) code.maximum(register, SOURCE, register);
    code.storeVector(result(block, place), register);
  });
}
