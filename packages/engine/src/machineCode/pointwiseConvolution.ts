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
import { ARGUMENTS, type Target, type Vectors } from "./blocks.js";
import { eachItem, eachSize, inParts, type Part } from "./items.js";
import { bySize, evenly, type Piece } from "./parts.js";

/** Weights that stay in the first cache while all places of an item pass by: half of it or more. */
const FIRST_CACHE = { avx2: 16 * 1024, avx512: 32 * 1024 } as const;
/** Source of an item, which stays in the second cache while all blocks of the destination are computed from it. */
const SECOND_CACHE = 128 * 1024;

/** Images of all channels that the caches of all threads hold. */
const SMALL = 1024 * 1024;

/**
 * A 1×1 convolution of stride 1 on channel blocks, [N, C/lanes, places, lanes]: weights are [destination blocks, source blocks, lanes, lanes],
 * the destination's channels innermost. With weights whose channels are exchanged, the gradient of another's source.
 */
export interface PointwiseConvolution extends Target {
  readonly images: number;
  readonly places: number;
  readonly sourceBlocks: number;
  readonly destinationBlocks: number;
  /** Whether the result is added to what the destination holds. */
  readonly sum: boolean;
  readonly bias: boolean;
  readonly relu: boolean;
}

/** Machine code as of `groupedConvolutionCode`. */
export function pointwiseConvolutionCode(convolution: PointwiseConvolution): Uint8Array {
  const { vectors } = convolution;
  const { places, sourceBlocks, destinationBlocks } = convolution;
  const code = new Assembler(vectors);
  const chunks = evenly(destinationBlocks, vectors.mostBlocks);
  const tiles = evenly(places, Math.floor(vectors.accumulators / chunks[0].count));
  const ranges = rangesOf(convolution, tiles.length);
  const [imageTable, bandTable] = [code.label(), code.label()];
  // Weights to a block of the destination.
  const rowBytes = sourceBlocks * vectors.tap;
  const [sourceBytes, destinationBytes] = [sourceBlocks, destinationBlocks].map(
    (count) => count * places * vectors.bytes,
  );

  eachItem(code, itemsOf(convolution, chunks.length, ranges.images.length * ranges.bands.length), () => {
    code.set(RDX, 0);
    code.load(RCX, at(RSI, PART.chunks));
    code.divide(RCX);
    // R10: the chunk of blocks.
    code.load(R10, at(RSI, PART.firstChunk));
    code.add(R10, RDX);
    code.addMemory(RAX, at(RSI, PART.firstRange));
    code.set(RDX, 0);
    code.set(RCX, ranges.bands.length);
    code.divide(RCX);
    code.multiply(R14, RDX, BAND.bytes);
    code.addressOf(RCX, bandTable);
    code.add(R14, RCX);
    code.multiply(RAX, RAX, IMAGES.bytes);
    code.addressOf(RCX, imageTable);
    code.add(RAX, RCX);
    code.load(R12, at(R14, BAND.start));
    code.move(R13, R12);
    code.addMemory(R12, at(RAX, IMAGES.source));
    code.addMemory(R12, at(RBX, ARGUMENTS.source));
    code.addMemory(R13, at(RAX, IMAGES.destination));
    code.addMemory(R13, at(RBX, ARGUMENTS.destination));
    code.load(RAX, at(RAX, IMAGES.count));
    code.push(RAX);
    eachSize(code, R10, chunks, ({ first, count }) => {
      code.multiply(R15, R10, count * rowBytes);
      code.addNumber(R15, first * rowBytes);
      code.addMemory(R15, at(RBX, ARGUMENTS.weights));
      code.multiply(RCX, R10, count * places * vectors.bytes);
      code.addNumber(RCX, first * places * vectors.bytes);
      code.add(R13, RCX);
      if (convolution.bias) {
        code.multiply(R11, R10, count * vectors.bytes);
        code.addNumber(R11, first * vectors.bytes);
        code.addMemory(R11, at(RBX, ARGUMENTS.bias));
      }
      emitChunk(code, convolution, count, tiles);
    });
    code.pop(RAX);
  });
  code.data(
    imageTable,
    ranges.images.flatMap(({ first, count }) => [first * sourceBytes, first * destinationBytes, count]),
  );
  code.data(
    bandTable,
    ranges.bands.flatMap((band) => bandEntry(vectors, tiles, band)),
  );
  return code.code();
}

/** Offsets in an entry of the table of images: where they start, and how many. */
const IMAGES = { source: 0, destination: 8, count: 16, bytes: 24 } as const;
/** Offsets in an entry of the table of bands: where one starts, and how many tiles of either width it has. */
const BAND = { start: 0, larger: 8, smaller: 16, bytes: 24 } as const;

/** Offsets of the data of a part. */
const PART = { firstChunk: 0, chunks: 8, firstRange: 16 } as const;

/** Ranges of a single image's places for each thread. */
const RANGES = 2;

/**
 * True for a single image that is larger than the weights: threads share out its places. Each reads all weights, and of the image what
 * it has just made itself.
 */
function byPlaces({ images, places, destinationBlocks, vectors }: PointwiseConvolution): boolean {
  return images === 1 && destinationBlocks * vectors.tap <= places * vectors.bytes;
}

/**
 * A part of the items, range of places by range, each with some of the chunks of blocks. Of images that caches hold, a thread makes
 * some channels, which it goes on with in layers that take channels by themselves; larger ones are read once.
 */
function itemsOf(convolution: PointwiseConvolution, chunks: number, ranges: number): Part[] {
  const { images, places, sourceBlocks, vectors, threads } = convolution;
  const isSmall = images * places * sourceBlocks * vectors.bytes <= SMALL && !byPlaces(convolution);
  return inParts(isSmall ? chunks : ranges, threads).map(({ count, data: [first] }) =>
    isSmall ? { count: count * ranges, data: [first, count, 0] } : { count: count * chunks, data: [0, chunks, first] },
  );
}

/** Of an item: as many images, or as many tiles of one image, as leave its source in the second cache. */
function rangesOf(convolution: PointwiseConvolution, tiles: number) {
  const { images, places, sourceBlocks, vectors, threads } = convolution;
  const most = Math.max(1, Math.floor(SECOND_CACHE / (sourceBlocks * vectors.bytes)));
  if (byPlaces(convolution)) {
    const ranges = Math.max(RANGES * threads, Math.ceil(places / most));
    return { images: evenly(1, 1), bands: evenly(tiles, Math.ceil(tiles / ranges)) };
  }
  const isLarge = places > most;
  return {
    images: evenly(images, isLarge ? 1 : Math.ceil(images / Math.ceil((images * places) / most))),
    bands: evenly(tiles, isLarge ? Math.ceil(tiles / Math.ceil(places / most)) : tiles),
  };
}

function bandEntry({ bytes }: Vectors, tiles: readonly Piece[], { first, count }: Piece): number[] {
  const [{ count: larger }] = tiles;
  const wide = tiles.slice(first, first + count).filter((tile) => tile.count === larger).length;
  return [tiles[first].first * bytes, wide, count - wide];
}

/** All places of an item for some blocks: source R12, destination R13, weights R15, bias R11, band R14, images on the stack. */
function emitChunk(code: Assembler, convolution: PointwiseConvolution, blocks: number, tiles: readonly Piece[]): void {
  const { vectors } = code;
  const { places, sourceBlocks, destinationBlocks } = convolution;
  const most = Math.max(1, Math.floor(FIRST_CACHE[vectors.name] / (blocks * vectors.tap)));
  for (const { first, count } of evenly(sourceBlocks, most)) {
    const nextImage = code.label();
    code.address(RSI, at(R12, first * places * vectors.bytes));
    code.move(R8, R13);
    code.load(R9, at(RSP));
    code.bind(nextImage);
    code.move(RDX, RSI);
    code.move(RBP, R8);
    for (const [i, { count: width }] of bySize(tiles).entries()) {
      const [nextTile, noTile] = [code.label(), code.label()];
      code.load(RCX, at(R14, i === 0 ? BAND.larger : BAND.smaller));
      code.compare(RCX, 0);
      code.jumpIf("zero", noTile);
      code.bind(nextTile);
      emitTile(code, convolution, { blocks, width, first, count });
      code.addNumber(RDX, width * vectors.bytes);
      code.addNumber(RBP, width * vectors.bytes);
      code.decrement(RCX);
      code.jumpIf("notZero", nextTile);
      code.bind(noTile);
    }
    code.addNumber(RSI, sourceBlocks * places * vectors.bytes);
    code.addNumber(R8, destinationBlocks * places * vectors.bytes);
    code.decrement(R9);
    code.jumpIf("notZero", nextImage);
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
  const { vectors } = code;
  const each = (action: (register: number, block: number, place: number) => void) => {
    for (let block = 0; block < blocks; block++) {
      for (let place = 0; place < width; place++) action(block * width + place, block, place);
    }
  };
  const result = (block: number, place: number) => at(RBP, (block * places + place) * vectors.bytes);
  each((register, block, place) => {
    if (first > 0 || sum) code.loadVector(register, result(block, place));
    else code.clear(register);
  });
  code.move(R10, RDX);
  code.address(RAX, at(R15, first * vectors.tap));
  code.set(RDI, count);
  const nextBlock = code.label();
  code.bind(nextBlock);
  for (let lane = 0; lane < vectors.lanes; lane++) {
    for (let block = 0; block < blocks; block++) {
      code.loadVector(vectors.accumulators + block, at(RAX, block * sourceBlocks * vectors.tap + lane * vectors.bytes));
    }
    for (let place = 0; place < width; place++) {
      code.broadcast(vectors.source, at(R10, place * vectors.bytes + 4 * lane));
      for (let block = 0; block < blocks; block++)
        code.multiplyAdd(block * width + place, vectors.accumulators + block, vectors.source);
    }
  }
  code.addNumber(R10, places * vectors.bytes);
  code.addNumber(RAX, vectors.tap);
  code.decrement(RDI);
  code.jumpIf("notZero", nextBlock);
  const last = first + count === sourceBlocks;
  if (last && relu) code.clear(vectors.source);
  each((register, block, place) => {
    if (last && bias) code.addVectors(register, register, at(R11, block * vectors.bytes));
    if (last && relu) code.maximum(register, vectors.source, register);
    code.storeVector(result(block, place), register);
  });
}
