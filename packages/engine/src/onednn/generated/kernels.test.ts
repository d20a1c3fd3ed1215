import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type BatchNorm,
  batchNormBackwardCode,
  batchNormInferenceCode,
  batchNormTrainingCode,
} from "../../machineCode/batchNorm.js";
import { AVX2, AVX512, type Target, type Vectors } from "../../machineCode/blocks.js";
import { channelProductsCode, scaledChannelsCode } from "../../machineCode/channelFactors.js";
import { colourImagesCode } from "../../machineCode/colourImages.js";
import { adaptiveDescentCode, descentCode, squaresCode, sumsOf } from "../../machineCode/elementwise.js";
import { COUNTER_BYTES, HANDED } from "../../machineCode/items.js";
import { partialSumsCode } from "../../machineCode/partialSums.js";
import {
  placewiseGradientCode,
  placewiseGradientSumsCode,
  placewiseInferenceCode,
  placewiseNormaliseCode,
  placewiseStatisticsCode,
  placewiseSums,
} from "../../machineCode/placewiseBatchNorm.js";
import { transpositionCode } from "../../machineCode/transposition.js";
import type { MemoryDescriptor } from "../binding/memoryDescriptor.js";
import { addressOf } from "../binding/native.js";
import { library } from "../library.js";
import type { Window } from "../lower/convolutionSpecs.js";
import { loadCode } from "../memory/executableMemory.js";
import { type Team, threadTeam, useThreads } from "../openmp.js";
import { blockingOf } from "../plan/layouts.js";
import { dataGradientCode, forwardCode, imageWeightsGradientOf, weightsGradientCode } from "./convolutions.js";
import type { Epilogue } from "./generatedKernel.js";
import { generatorFor } from "./generatorFor.js";
import { transpositionOf } from "./transpositions.js";
import { shapesOf } from "./windows.js";

/** Runs machine code in so many threads; `operands` are in its order. */
function run(code: Uint8Array, operands: readonly (Float32Array | Uint16Array)[], parts = 2, threads = 2): void {
  const { addresses, release } = loadCode([code]);
  const counters = new Int32Array(new ArrayBuffer(parts * COUNTER_BYTES));
  const record = new BigInt64Array(new ArrayBuffer(HANDED.bytes));
  record[HANDED.counters / 8] = addressOf(counters);
  record[HANDED.threadNumber / 8] = team.threadNumber;
  operands.forEach((operand, i) => {
    record[1 + i] = addressOf(operand);
  });
  useThreads(threads);
  team.run(Number(addresses[0]), Number(addressOf(record)));
  release();
}

/** Numbers that are the same in every run, some of them below zero. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const nothing = (length: number) => new Float32Array(length).fill(Number.NaN);

/** The largest difference over the largest magnitude. */
function difference(actual: Float32Array, expected: Float64Array): number {
  let [most, largest] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    if (!(distance <= most)) most = distance;
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return most / largest;
}

/** A convolution of groups of blocks of channels, and where its numbers lie. */
class Case {
  readonly window: Window;
  constructor(
    readonly lanes: number,
    readonly images: number,
    readonly groups: number,
    readonly blocks: readonly [inputs: number, outputs: number],
    readonly map: readonly [height: number, width: number],
    readonly kernel: number,
    readonly stride: number,
  ) {
    const padding = kernel >> 1;
    const [height, width] = map.map((extent) => Math.floor((extent + 2 * padding - kernel) / stride) + 1);
    const [inputs, outputs] = blocks.map((count) => lanes * count);
    const weights = [outputs, inputs, kernel, kernel];
    this.window = {
      x: [images, groups * inputs, ...map],
      weights: groups > 1 ? [groups, ...weights] : weights,
      y: [images, groups * outputs, height, width],
      strides: [stride, stride],
      padding: [padding, padding],
    };
  }

  /** Every product of the convolution by the places of its x, its weight (its outputs innermost) and its y. */
  products(each: (x: number, weight: number, y: number, exchanged: number) => void): void {
    const { lanes, images, groups, kernel, stride, window } = this;
    const [inputBlocks, outputBlocks] = this.blocks;
    const [, , height, width] = window.y;
    const [pad] = window.padding;
    const place = (n: number, channel: number, channels: number, row: number, column: number, map: readonly number[]) =>
      ((n * channels + Math.floor(channel / lanes)) * map[0] + row) * map[1] * lanes +
      column * lanes +
      (channel % lanes);
    for (let n = 0; n < images; n++)
      for (let g = 0; g < groups; g++)
        for (let o = 0; o < lanes * outputBlocks; o++)
          for (let i = 0; i < lanes * inputBlocks; i++)
            for (let tap = 0; tap < kernel * kernel; tap++)
              for (let row = 0; row < height; row++)
                for (let column = 0; column < width; column++) {
                  const [fromRow, fromColumn] = [
                    row * stride + Math.floor(tap / kernel) - pad,
                    column * stride + (tap % kernel) - pad,
                  ];
                  if (fromRow < 0 || fromColumn < 0 || fromRow >= this.map[0] || fromColumn >= this.map[1]) continue;
                  const pair = (g * outputBlocks + Math.floor(o / lanes)) * inputBlocks + Math.floor(i / lanes);
                  const block = (pair * kernel * kernel + tap) * lanes * lanes;
                  each(
                    place(n, lanes * g * inputBlocks + i, groups * inputBlocks, fromRow, fromColumn, this.map),
                    block + (i % lanes) * lanes + (o % lanes),
                    place(n, lanes * g * outputBlocks + o, groups * outputBlocks, row, column, [height, width]),
                    block + (o % lanes) * lanes + (i % lanes),
                  );
                }
  }
}

const size = (dims: readonly number[]) => dims.reduce((product, extent) => product * extent, 1);

type Shape = ConstructorParameters<typeof Case> extends [number, ...infer Rest] ? Rest : never;
const GROUPED: readonly Shape[] = [
  [3, 2, [1, 1], [1, 1], 3, 1],
  [2, 3, [1, 1], [2, 2], 3, 1],
  [2, 2, [2, 2], [4, 4], 3, 1],
  [1, 3, [2, 2], [7, 7], 3, 2],
  [3, 2, [3, 3], [8, 8], 3, 2],
  [1, 2, [1, 2], [14, 13], 3, 1],
  [2, 2, [4, 4], [5, 6], 3, 1],
  [1, 2, [1, 1], [33, 32], 3, 2],
  [2, 1, [2, 3], [16, 15], 1, 2],
  [1, 2, [3, 1], [13, 14], 3, 4],
];
const POINTWISE: readonly Shape[] = [
  [1, 1, [1, 1], [1, 1], 1, 1],
  [3, 1, [2, 3], [1, 5], 1, 1],
  [5, 1, [7, 4], [7, 7], 1, 1],
  [2, 1, [41, 5], [4, 4], 1, 1],
  [2, 1, [3, 2], [50, 40], 1, 1],
  [1, 1, [3, 5], [21, 20], 1, 1],
];
const STRIDED: readonly Shape[] = [
  [3, 1, [2, 4], [8, 8], 1, 2],
  [2, 1, [3, 3], [7, 9], 1, 2],
  [1, 1, [1, 2], [64, 63], 1, 2],
  [5, 1, [2, 7], [3, 4], 1, 3],
  [2, 1, [2, 1], [5, 130], 1, 4],
  [2, 1, [1, 2], [1, 900], 1, 2],
];
const EPILOGUES: readonly Epilogue[] = [
  { sum: false, bias: false, relu: false },
  { sum: false, bias: true, relu: true },
  { sum: true, bias: true, relu: true },
];

let team: Team;
const flags = process.arch === "x64" && process.platform === "linux" ? readFileSync("/proc/cpuinfo", "latin1") : "";
const KINDS = [
  { vectors: AVX2, exists: /\bavx2\b/.test(flags) },
  { vectors: AVX512, exists: /\bavx512dq\b/.test(flags) },
];

describe("REGNET_KERNELS", () => {
  afterEach(() => {
    delete process.env.REGNET_KERNELS;
  });

  it("has the library compute everything, and nothing else", () => {
    process.env.REGNET_KERNELS = "onednn";
    expect(generatorFor(library(), 1, 8)).toBeUndefined();
    process.env.REGNET_KERNELS = "own";
    expect(() => generatorFor(library(), 1, 8)).toThrow("invalid REGNET_KERNELS: got own, expected onednn, or unset");
  });
});

/** Numbers as bfloat16, of which their upper halves are kept: they are to have no others. */
function halves(values: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), (bits) => bits >>> 16);
}

function whole(values: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(values, (half) => half << 16).buffer);
}

describe.runIf(/\bavx512_bf16\b/.test(flags))("images of bfloat16", () => {
  beforeAll(() => {
    library();
    team = threadTeam()!;
  });

  it.each([
    [1, 16],
    [1, 3136],
    [3, 4112],
    [5, 1024],
  ])("have their three channels last: %i of %i places", (images, places) => {
    const source = numbers(3 * images * places, 1);
    const moved = new Uint16Array(source.length + 32).fill(0x7fc0);
    run(colourImagesCode({ images, places, vectors: AVX512, threads: 2 }), [source, moved]);
    const expected = Uint16Array.from(source, (_, i) => {
      const [image, place, channel] = [Math.floor(i / (3 * places)), Math.floor(i / 3) % places, i % 3];
      const [bits] = new Uint32Array(Float32Array.of(source[(3 * image + channel) * places + place]).buffer);
      return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
    });
    expect(moved.subarray(0, source.length)).toEqual(expected);
    expect(moved.subarray(source.length)).toEqual(new Uint16Array(32).fill(0x7fc0));
  });
});

describe.runIf(/\bavx512_bf16\b/.test(flags))("batch norms of bfloat16 with channels last", () => {
  const shapes = [
    [1, 16],
    [7, 48],
    [2048, 32],
    [1031, 160],
    [300, 400],
  ].flatMap(([places, channels]) => [false, true].map((relu) => ({ places, channels, relu })));
  /** Half of the distance between two neighbouring numbers of bfloat16, over the lower one. */
  const rounding = 2 ** -8;

  beforeAll(() => {
    library();
    team = threadTeam()!;
  });

  it.each(shapes)("normalise and make gradients: $places places, $channels channels, ReLU $relu", (shape) => {
    const { places, channels, relu } = shape;
    const norm = { ...shape, epsilon: 1e-5, vectors: AVX512, threads: 2 };
    const length = places * channels;
    const rounded = (seed: number, far = 0) =>
      whole(halves(numbers(length, seed).map((value, i) => value + far * (i % 3))));
    // Far from zero, where sums of squares would cancel.
    const [x, dy, addend] = [rounded(1, 8), rounded(2), rounded(3)];
    const [scale, shift] = [numbers(channels, 4), numbers(channels, 5)];
    const [mean, variance] = [nothing(channels), nothing(channels)];
    const sums = nothing(placewiseSums(norm));
    const image = () => new Uint16Array(length).fill(0x7fc0);
    const [source, second, y, sum] = [halves(x), halves(addend), image(), image()];
    const forward = [source, scale, shift, mean, variance, sums];
    run(placewiseStatisticsCode(norm), forward);
    run(placewiseNormaliseCode(norm, false), [...forward, y]);
    run(placewiseNormaliseCode(norm, true), [...forward, sum, second]);
    const [dscale, dshift, gradient] = [nothing(channels), nothing(channels), halves(dy)];
    run(placewiseGradientSumsCode(norm), [...forward, gradient]);
    const [again, remade, apart] = [image(), image(), image()];
    run(placewiseInferenceCode(norm), [...forward, again]);
    expect(again).toEqual(y);
    const backward = [...forward, halves(dy)];
    run(placewiseGradientCode(norm, true), [...backward, apart, nothing(channels), nothing(channels), remade]);
    expect(remade).toEqual(y);
    run(placewiseGradientCode(norm, false), [...forward, gradient, gradient, dscale, dshift]);
    expect(apart).toEqual(gradient);

    const [results, withSum, dx] = [y, sum, gradient].map(whole);
    for (let channel = 0; channel < channels; channel++) {
      const own = Array.from({ length: places }, (_, place) => place * channels + channel);
      const total = (of: (i: number) => number) => own.reduce((result, i) => result + of(i), 0);
      const average = total((i) => x[i]) / places;
      const spread = total((i) => (x[i] - average) ** 2) / places;
      expect(Math.abs(mean[channel] - average)).toBeLessThan(1e-6 * (1 + Math.abs(average)));
      expect(Math.abs(variance[channel] - spread)).toBeLessThan(1e-5 * (spread + 1e-2));
      const deviation = Math.sqrt(variance[channel] + norm.epsilon);
      const normal = (i: number) => (x[i] - mean[channel]) / deviation;
      const value = (i: number) => normal(i) * scale[channel] + shift[channel];
      const on = (i: number) => (relu && !(value(i) > 0) ? 0 : dy[i]);
      const [gradients, products] = [total(on), total((i) => on(i) * normal(i))];
      const factor = scale[channel] / deviation;
      const close = (actual: number, expected: number, around: number) =>
        expect(Math.abs(actual - expected)).toBeLessThan(rounding * Math.abs(expected) + 1e-5 * (1 + around));
      for (const i of own) {
        close(results[i], relu ? Math.max(0, value(i)) : value(i), 1);
        const sumOf = value(i) + addend[i];
        close(withSum[i], relu ? Math.max(0, sumOf) : sumOf, 1);
        const wanted = factor * (on(i) - gradients / places - (normal(i) * products) / places);
        if (places > 1) close(dx[i], wanted, 1 / deviation);
      }
      expect(Math.abs(dshift[channel] - gradients)).toBeLessThan(1e-5 * (1 + places));
      expect(Math.abs(dscale[channel] - products)).toBeLessThan(1e-5 * (1 + places));
    }
  });

  it("leave what is not a number as it is", () => {
    const norm = { places: 5, channels: 16, relu: true, epsilon: 1e-5, vectors: AVX512, threads: 1 };
    const x = halves(numbers(80, 1).map((value, i) => (i === 32 ? Number.POSITIVE_INFINITY : value)));
    const [mean, variance, y] = [nothing(16), nothing(16), new Uint16Array(80)];
    const operands = [x, numbers(16, 2), numbers(16, 3), mean, variance, nothing(placewiseSums(norm))];
    run(placewiseStatisticsCode(norm), operands, 1, 1);
    run(placewiseNormaliseCode(norm, false), [...operands, y], 1, 1);
    expect(Number.isNaN(variance[0])).toBe(true);
    expect(whole(y).filter(Number.isNaN)).toHaveLength(5);
  });
});

for (const { vectors, exists } of KINDS)
  describe.runIf(exists)(`kernels of our own for ${vectors.name}`, () => kernels(vectors));

function kernels(vectors: Vectors): void {
  const { lanes } = vectors;
  const [one, two] = [1, 2].map((threads): Target => ({ vectors, threads }));
  const casesOf = (shapes: readonly Shape[]) => shapes.map((shape) => new Case(lanes, ...shape));
  const [grouped, pointwise, strided] = [GROUPED, POINTWISE, STRIDED].map(casesOf);

  beforeAll(() => {
    library();
    team = threadTeam()!;
  });

  it.each([...grouped, ...pointwise])("convolve forward: $window", (shape) => {
    const { window } = shape;
    const [x, weights, bias] = [numbers(size(window.x), 1), numbers(size(window.weights), 2), numbers(window.y[1], 3)];
    for (const epilogue of EPILOGUES) {
      const before = numbers(size(window.y), 4);
      const [actual, expected] = [
        epilogue.sum ? before.slice() : nothing(before.length),
        new Float64Array(before.length),
      ];
      shape.products((from, weight, to) => {
        expected[to] += x[from] * weights[weight];
      });
      const [, channels, height, width] = window.y;
      expected.forEach((value, i) => {
        const channel = lanes * (Math.floor(i / (lanes * height * width)) % (channels / lanes)) + (i % lanes);
        const sum = value + (epilogue.sum ? before[i] : 0) + (epilogue.bias ? bias[channel] : 0);
        expected[i] = epilogue.relu ? Math.max(0, sum) : sum;
      });
      run(forwardCode(window, shapesOf(window, vectors)!, two, epilogue)!(), [x, weights, actual, bias]);
      expect(difference(actual, expected)).toBeLessThan(1e-5);
    }
  });

  it.each(grouped)("make the gradient of a source: $window", (shape) => {
    const { window } = shape;
    const [dy, weights] = [numbers(size(window.y), 1), numbers(size(window.weights), 2)];
    const [actual, expected] = [nothing(size(window.x)), new Float64Array(size(window.x))];
    shape.products((to, _, from, weight) => {
      expected[to] += dy[from] * weights[weight];
    });
    run(dataGradientCode(window, shapesOf(window, vectors)!, two)!(), [dy, weights, actual]);
    expect(difference(actual, expected)).toBeLessThan(1e-5);
  });

  it("leave the gradient of a source to the library where tiles are too narrow for the stride", () => {
    const { window } = new Case(lanes, 1, 2, [3, 1], [16, 16], 3, 9);
    expect(dataGradientCode(window, shapesOf(window, vectors)!, two)).toBeUndefined();
  });

  it.each([...grouped.filter(({ kernel }) => kernel > 1), ...pointwise, ...strided])(
    "make the gradient of weights, by all images and by parts of them: $window",
    (shape) => {
      const { window, images } = shape;
      const [x, dy] = [numbers(size(window.x), 1), numbers(size(window.y), 2)];
      const length = size(window.weights);
      const expected = new Float64Array(length);
      shape.products((from, weight, to) => {
        expected[weight] += x[from] * dy[to];
      });
      for (const parts of new Set([1, images])) {
        const [gradients, actual] = [nothing(parts * length), nothing(length)];
        run(weightsGradientCode(window, shapesOf(window, vectors)!, two, parts)!(), [x, gradients, dy]);
        run(partialSumsCode({ parts, length, ...two }), [gradients, actual]);
        expect(difference(actual, expected)).toBeLessThan(2e-5);
      }
    },
  );

  it.each([
    { images: 3, channels: 1, blocks: 2, map: [28, 28], kernel: 3, stride: 1, padding: 1 },
    { images: 17, channels: 3, blocks: 4, map: [16, 15], kernel: 3, stride: 2, padding: 1 },
    { images: 2, channels: 3, blocks: 7, map: [5, 4], kernel: 3, stride: 1, padding: 1 },
    { images: 1, channels: 4, blocks: 1, map: [1, 2], kernel: 3, stride: 1, padding: 1 },
    { images: 2, channels: 2, blocks: 3, map: [130, 9], kernel: 2, stride: 2, padding: 0 },
    { images: 2, channels: 3, blocks: 1, map: [9, 40], kernel: 1, stride: 3, padding: 0 },
  ])("make the gradient of weights over plain images: %o", ({ images, channels, blocks, map, ...shape }) => {
    const { kernel, stride, padding } = shape;
    const [height, width] = map.map((extent) => Math.floor((extent + 2 * padding - kernel) / stride) + 1);
    const weights = [lanes * blocks, channels, kernel, kernel];
    const window: Window = {
      ...{ x: [images, channels, ...map], weights, y: [images, lanes * blocks, height, width] },
      ...{ strides: [stride, stride], padding: [padding, padding] },
    };
    const [x, dy] = [numbers(size(window.x), 1), numbers(size(window.y), 2)];
    const area = kernel * kernel;
    for (const strides of [
      [channels * area * lanes, area * lanes, kernel * lanes, lanes],
      [channels * area * lanes, lanes, kernel * channels * lanes, channels * lanes],
    ]) {
      const length = size(weights);
      const key = `f32 ${weights.join("x")} ${strides.join()} ${lanes}a`;
      const layout: MemoryDescriptor = { native: 0n, dims: weights, type: "f32", bytes: 4 * length, any: false, key };
      const { parts, code } = imageWeightsGradientOf(window, layout, two)!;
      const [gradients, actual, expected] = [nothing(parts * length), nothing(length), new Float64Array(length)];
      for (let to = 0; to < dy.length; to++) {
        const [place, output] = [Math.floor(to / lanes) % (height * width), to % lanes];
        const [image, block] = [
          Math.floor(to / (lanes * height * width * blocks)),
          Math.floor(to / (lanes * height * width)) % blocks,
        ];
        for (let tap = 0; tap < channels * area; tap++) {
          const [channel, row, column] = [
            Math.floor(tap / area),
            Math.floor(place / width) * stride + (Math.floor(tap / kernel) % kernel) - padding,
            (place % width) * stride + (tap % kernel) - padding,
          ];
          if (row < 0 || column < 0 || row >= map[0] || column >= map[1]) continue;
          const from = ((image * channels + channel) * map[0] + row) * map[1] + column;
          const index = [block, channel, Math.floor(tap / kernel) % kernel, tap % kernel];
          const weight = index.reduce((sum, i, axis) => sum + i * strides[axis], output);
          expected[weight] += x[from] * dy[to];
        }
      }
      run(code(), [x, gradients, dy]);
      run(partialSumsCode({ parts, length, ...two }), [gradients, actual]);
      expect(difference(actual, expected)).toBeLessThan(1e-5);
    }
  });

  it("leave the weights of other windows over plain images to the library", () => {
    const window: Window = {
      x: [1, 3, 8, 8],
      weights: [lanes, 3, 8, 8],
      y: [1, lanes, 1, 1],
      strides: [8, 8],
      padding: [0, 0],
    };
    const layout = (dims: readonly number[], inner: string): MemoryDescriptor => {
      const key = `f32 ${dims.join("x")} 384,128,32,${lanes}${inner}`;
      return { native: 0n, dims, type: "f32", bytes: 4 * size(dims), any: false, key };
    };
    expect(imageWeightsGradientOf(window, layout(window.weights, ` ${lanes}a`), two)).toBeUndefined();
    const narrow: Window = { ...window, weights: [lanes, 3, 3, 3] };
    expect(imageWeightsGradientOf(narrow, layout(narrow.weights, ` ${lanes}a`), two)).toBeDefined();
    expect(imageWeightsGradientOf(narrow, layout(narrow.weights, ""), two)).toBeUndefined();
    expect(imageWeightsGradientOf(narrow, layout(narrow.weights, ` ${24 - lanes}a`), two)).toBeUndefined();
  });

  it.each([
    [1, 1],
    [3, 2],
    [2, 5],
  ])(
    "take all items where %i threads were expected and %i came, and give the same bits",
    (expectedThreads, threads) => {
      const { window } = grouped[4];
      const operands = [numbers(size(window.x), 1), numbers(size(window.weights), 2)];
      const [alone, other] = [nothing(size(window.y)), nothing(size(window.y))];
      run(forwardCode(window, shapesOf(window, vectors)!, one, EPILOGUES[0])!(), [...operands, alone], 1, 1);
      const code = forwardCode(
        window,
        shapesOf(window, vectors)!,
        { vectors, threads: expectedThreads },
        EPILOGUES[0],
      )!();
      run(code, [...operands, other], expectedThreads, threads);
      expect(other).toEqual(alone);
      expect(alone.every(Number.isFinite)).toBe(true);
    },
  );

  const NORMS = [
    [16, 16, 3],
    [3, 49, 2],
    [2, 3, 4],
    [1, 4096, 1],
    [5, 1, 2],
  ].flatMap(([images, places, blocks]) =>
    [false, true].map((relu): BatchNorm => ({ images, places, blocks, relu, epsilon: 1e-5, ...two })),
  );

  it.each(NORMS)("normalise a batch and make its gradients: $images × $blocks blocks × $places, ReLU $relu", (norm) => {
    const { images, places, blocks, relu, epsilon } = norm;
    const channels = lanes * blocks;
    const count = images * places;
    // Far from zero, where sums of squares would cancel.
    const x = numbers(channels * count, 1).map((value, i) => value + 30 * (i % 8));
    const [dy, scale, shift] = [numbers(x.length, 2), numbers(channels, 3), numbers(channels, 4)];
    const [mean, variance, y, again] = [nothing(channels), nothing(channels), nothing(x.length), nothing(x.length)];
    run(batchNormTrainingCode(norm, false), [x, scale, shift, mean, variance, y]);
    run(batchNormInferenceCode(norm), [x, scale, shift, mean, variance, again]);
    expect(again).toEqual(y);
    const [addend, sum] = [numbers(x.length, 5), nothing(x.length)];
    run(batchNormTrainingCode({ ...norm, relu: false }, false), [x, scale, shift, mean, variance, again]);
    const wantedSum = again.map((value, i) => Math.fround(value + addend[i]));
    run(batchNormTrainingCode(norm, true), [x, scale, shift, mean, variance, sum, addend]);
    expect(sum).toEqual(relu ? wantedSum.map((value) => Math.max(0, value)) : wantedSum);
    const gradient = dy.slice();
    const [dscale, dshift, remade] = [nothing(channels), nothing(channels), nothing(x.length)];
    run(batchNormBackwardCode(norm, true), [
      x,
      scale,
      shift,
      mean,
      variance,
      gradient,
      gradient,
      dscale,
      dshift,
      remade,
    ]);
    expect(remade).toEqual(y);
    const apart = nothing(x.length);
    run(batchNormBackwardCode(norm, false), [
      x,
      scale,
      shift,
      mean,
      variance,
      dy,
      apart,
      nothing(channels),
      nothing(channels),
    ]);
    expect(apart).toEqual(gradient);

    for (let channel = 0; channel < channels; channel++) {
      const own = Array.from({ length: count }, (_, i) => {
        const [image, place] = [Math.floor(i / places), i % places];
        return ((image * blocks + Math.floor(channel / lanes)) * places + place) * lanes + (channel % lanes);
      });
      const average = own.reduce((sum, i) => sum + x[i], 0) / count;
      const spread = own.reduce((sum, i) => sum + (x[i] - average) ** 2, 0) / count;
      expect(Math.abs(mean[channel] - average)).toBeLessThan(1e-6 * (1 + Math.abs(average)));
      expect(Math.abs(variance[channel] - spread)).toBeLessThan(1e-5 * (spread + 1e-6));
      const deviation = Math.sqrt(spread + epsilon);
      const normal = own.map((i) => (x[i] - average) / deviation);
      const on = own.map((i) => (relu && !(y[i] > 0) ? 0 : dy[i]));
      const sum = on.reduce((a, b) => a + b, 0);
      const product = on.reduce((a, b, i) => a + b * normal[i], 0);
      const wanted = (i: number) => {
        const value = normal[i] * scale[channel] + shift[channel];
        return relu ? Math.max(0, value) : value;
      };
      // Two steps between float32 numbers as large as the mean, which is 210 at most: so exactly is a difference to it known.
      const digits = 2 ** -15 / deviation;
      const dxOf = (i: number) => (scale[channel] / deviation) * (on[i] - sum / count - (normal[i] * product) / count);
      const farthest = (actual: Float32Array, expected: (i: number) => number) =>
        own.reduce((most, place, i) => Math.max(most, Math.abs(actual[place] - expected(i))), 0);
      expect(farthest(y, wanted)).toBeLessThan(1e-5 + digits);
      if (count > 1) expect(farthest(gradient, dxOf)).toBeLessThan(1e-5 + digits / deviation);
      expect(Math.abs(dshift[channel] - sum)).toBeLessThan(1e-4 * (1 + Math.abs(sum)));
      expect(Math.abs(dscale[channel] - product)).toBeLessThan(1e-5 * count + digits * Math.abs(sum));
    }
  });

  it("leave what is not a number as it is", () => {
    const norm: BatchNorm = { images: 1, places: 4, blocks: 1, relu: true, epsilon: 1e-5, ...one };
    const x = numbers(4 * lanes, 1);
    x[lanes] = Number.POSITIVE_INFINITY;
    const [mean, variance, y] = [nothing(lanes), nothing(lanes), new Float32Array(4 * lanes)];
    run(batchNormTrainingCode(norm, false), [x, numbers(lanes, 2), numbers(lanes, 3), mean, variance, y], 1, 1);
    expect([variance[0], y[0], y[3 * lanes]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(y.filter(Number.isNaN)).toHaveLength(4);
  });

  const [tap, inner, exchanged] = [lanes * lanes, `${lanes}b${lanes}a`, `${lanes}a${lanes}b`];
  const ofGroup = `f32 2x${3 * lanes}x${2 * lanes}x3x3 ${[54, 18, 9, 3, 1].map((taps) => taps * tap)}`;
  it.each<[string, string, string, readonly number[]]>([
    [
      "weights whose channels are exchanged",
      `f32 ${5 * lanes}x${3 * lanes}x1x1 ${tap},${5 * tap},1,1 ${exchanged}`,
      `f32 ${5 * lanes}x${3 * lanes}x1x1 ${3 * tap},${tap},${tap},${tap} ${inner}`,
      [5 * lanes, 3 * lanes],
    ],
    [
      "weights of a group",
      `${ofGroup} ${lanes}c${lanes}b`,
      `${ofGroup} ${lanes}b${lanes}c`,
      [2, 3 * lanes, 2 * lanes, 3, 3],
    ],
    [
      "one block",
      `f32 ${lanes}x${lanes}x1x1 ${tap},${tap},1,1 ${inner}`,
      `f32 ${lanes}x${lanes}x1x1 ${tap},${tap},${tap},${tap} ${exchanged}`,
      [lanes, lanes],
    ],
  ])("transpose the blocks of %s", (_, from, to, extents) => {
    const length = size(extents);
    const dims = from.split(" ")[1].split("x").map(Number);
    const [source, destination] = [from, to].map((key): MemoryDescriptor => {
      return { native: 0n, dims, type: "f32", bytes: 4 * length, any: false, key };
    });
    const blocks = transpositionOf(source, destination, vectors)!;
    const [given, moved] = [numbers(length, 1), nothing(length)];
    run(transpositionCode({ ...blocks, ...two }), [given, moved]);
    const placeIn = (key: string) => {
      const { strides, inner } = blockingOf({ ...source, key })!;
      return (index: readonly number[]) => {
        const innermost = (index[inner[0].dim] % lanes) * lanes + (index[inner[1].dim] % lanes);
        return index.reduce((place, i, dim) => {
          const isBlocked = inner.some((block) => block.dim === dim);
          return place + strides[dim] * (isBlocked ? Math.floor(i / lanes) : i);
        }, innermost);
      };
    };
    const [before, after] = [placeIn(from), placeIn(to)];
    const each = (index: readonly number[]): void => {
      if (index.length < dims.length) {
        for (let i = 0; i < dims[index.length]; i++) each([...index, i]);
      } else expect(moved[after(index)]).toBe(given[before(index)]);
    };
    each([]);
  });

  it("leave other layouts to the library", () => {
    const layout = (key: string, bytes = 4 * 3 * tap): MemoryDescriptor => {
      const dims = [3 * lanes, lanes, 1, 1];
      return { native: 0n, dims, type: "f32", bytes, any: false, key: `f32 ${dims.join("x")} ${key}` };
    };
    const blocked = layout(`${tap},${tap},${tap},${tap} ${inner}`);
    expect(transpositionOf(blocked, layout(`${tap},${tap},${tap},${tap} ${exchanged}`), vectors)).toBeDefined();
    expect(transpositionOf(blocked, blocked, vectors)).toBeUndefined();
    expect(transpositionOf(blocked, layout(`${lanes},1,1,1`), vectors)).toBeUndefined();
    const wider = layout(`${2 * tap},${tap},${tap},${tap} ${2 * lanes}a${lanes}b`, 4 * 4 * tap);
    expect(transpositionOf(blocked, wider, vectors)).toBeUndefined();
    const apart = layout(`${1.5 * tap},${tap},${tap},${tap} ${inner}`);
    expect(transpositionOf(apart, layout(`${tap},${tap},${tap},${tap} ${exchanged}`), vectors)).toBeUndefined();
  });

  it.each([
    [1, 1, 1],
    [3, 2, 49],
    [2, 5, 16],
    [33, 1, 3],
    [7, 20, 4],
  ])("scale channels and make their factors' gradients: %i images, %i blocks, %i places", (images, blocks, places) => {
    const shape = { images, blocks, places, ...two };
    const [rows, length] = [lanes * images * blocks, lanes * images * blocks * places];
    const [x, dy, factors, addends] = [length, length, rows, rows].map(numbers);
    const row = (i: number) => lanes * Math.floor(i / (lanes * places)) + (i % lanes);
    const scaled = nothing(length);
    run(scaledChannelsCode(shape, false), [x, factors, scaled]);
    expect(scaled).toEqual(x.map((value, i) => value * factors[row(i)]));
    const sums = Float64Array.from(x, (value, i) => value * factors[row(i)] + addends[row(i)] / places);
    const spread = x.slice();
    run(scaledChannelsCode(shape, true), [spread, factors, addends, spread]);
    expect(difference(spread, sums)).toBeLessThan(3e-7);
    const [gradients, wanted] = [nothing(rows), new Float64Array(rows)];
    x.forEach((value, i) => {
      wanted[row(i)] += value * dy[i];
    });
    run(channelProductsCode(shape), [x, dy, gradients]);
    expect(difference(gradients, wanted)).toBeLessThan(1e-6);
  });

  const LENGTHS = [1, 8, 39, 8192, 20_003];
  /** Beyond their end, vectors must stay as they are. */
  const GUARD = 16;
  const apply = (vectors: readonly Float32Array[], length: number, step: (i: number) => readonly number[]) => {
    const expected = vectors.map((vector) => Float64Array.from(vector));
    for (let i = 0; i < length; i++)
      step(i).forEach((value, vector) => {
        expected[vector][i] = value;
      });
    return expected;
  };
  const settings = [0, 0.9].flatMap((momentum) =>
    [0, 5e-2].flatMap((weightDecay) =>
      [true, false].flatMap((nesterov) =>
        [true, false].map((isScaled) => ({ momentum, weightDecay, nesterov, isScaled })),
      ),
    ),
  );

  it.each(settings)("descend: %o", (setting) => {
    const { momentum, weightDecay, nesterov, isScaled } = setting;
    const [rate, scale] = [0.1, isScaled ? 0.25 : 1];
    for (const length of LENGTHS) {
      const [w, v, g] = [1, 2, 3].map((seed) => numbers(length + GUARD, seed));
      const expected = apply([w, v], length, (i) => {
        const gradient = scale * g[i] + weightDecay * w[i];
        const velocity = momentum * v[i] + gradient;
        return [w[i] - rate * (nesterov ? gradient + momentum * velocity : velocity), velocity];
      });
      run(descentCode({ ...setting, length, ...two }), [w, v, g, Float32Array.of(rate), Float32Array.of(scale)]);
      expected.forEach((values, i) => {
        expect(difference([w, v][i], values)).toBeLessThan(3e-7);
      });
    }
  });

  it("descend by averages of gradients and of their squares", () => {
    const averages = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const factors = [0.99, -0.03, 0.05, 0.0005, 1.5];
    const [shrink, minusRate, meanShare, squareShare, correction] = factors;
    for (const length of LENGTHS) {
      const [w, g, m] = [1, 2, 3].map((seed) => numbers(length + GUARD, seed));
      const q = numbers(length + GUARD, 4).map((value) => value ** 2);
      const expected = apply([w, g, m, q], length, (i) => {
        const mean = averages.beta1 * m[i] + meanShare * g[i];
        const square = averages.beta2 * q[i] + squareShare * g[i] ** 2;
        const change = (minusRate * mean) / (Math.sqrt(square * correction) + averages.epsilon);
        return [shrink * w[i] + change, g[i], mean, square];
      });
      const given = factors.map((value) => Float32Array.of(value));
      run(adaptiveDescentCode({ ...averages, length, ...two }), [w, g, m, q, ...given]);
      expected.forEach((values, i) => {
        expect(difference([w, g, m, q][i], values)).toBeLessThan(1e-6);
      });
    }
  });

  it("sum up squares", () => {
    for (const length of LENGTHS) {
      const [x, sums] = [numbers(length + GUARD, 1), nothing(sumsOf({ length, ...two }))];
      run(squaresCode({ length, ...two }), [x, sums]);
      const expected = x.subarray(0, length).reduce((sum, value) => sum + value ** 2, 0);
      expect(Math.abs(sums.reduce((sum, value) => sum + value, 0) / expected - 1)).toBeLessThan(1e-6);
    }
  });
}
