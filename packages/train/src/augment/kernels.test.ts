import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Image } from "../data/image.js";
import { Random } from "../data/random.js";
import { Canvas } from "./canvas.js";
import { Normaliser } from "./normalise.js";
import { type Rectangle, resample } from "./resample.js";

function noise(channels: 1 | 3, height: number, width: number, seed: number): Image {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: channels * height * width }, () => random.integer(256));
  return { data, channels, height, width };
}

/** Each output of one axis as pixels with their weights, in float64. */
function spread(length: number, size: number, mirrored: boolean): (readonly [pixel: number, weight: number])[][] {
  const support = Math.max(1, length / size);
  const outputs = Array.from({ length: size }, (_, i) => {
    const centre = ((i + 0.5) * length) / size;
    const pixels = Array.from({ length }, (_, p) => [p, 1 - Math.abs(p + 0.5 - centre) / support] as const);
    const near = pixels.filter(([, weight]) => weight > 0);
    const sum = near.reduce((total, [, weight]) => total + weight, 0);
    return near.map(([p, weight]) => [p, weight / sum] as const);
  });
  return mirrored ? outputs.reverse() : outputs;
}

/** What a resampling would be without any rounding. */
function exact({ data, channels, ...image }: Image, from: Rectangle, side: number, flip: boolean): number[] {
  const [down, across] = [spread(from.height, side, false), spread(from.width, side, flip)];
  const planes = Array.from({ length: channels }, (_, c) => {
    const value = (y: number, x: number) => data[(c * image.height + from.top + y) * image.width + from.left + x];
    const rows = Array.from({ length: from.height }, (_, y) =>
      across.map((pixels) => pixels.reduce((sum, [x, weight]) => sum + weight * value(y, x), 0)),
    );
    return down.flatMap((pixels) => across.map((_, x) => pixels.reduce((sum, [y, w]) => sum + w * rows[y][x], 0)));
  });
  return planes.flat();
}

/** Rounds as the exact values do, unless these are so near to a half that float32 cannot tell. */
function expectRounded(image: Image, from: Rectangle, side: number, flip: boolean): void {
  const canvas = new Canvas(image.channels, side, [0, 0, 0]);
  const white = new Uint8Array(image.channels * 70 * 70).fill(255);
  resample(
    { data: white, channels: image.channels, height: 70, width: 70 },
    { top: 0, left: 0, height: 70, width: 70 },
    canvas,
    false,
  );
  canvas.swap();
  resample(image, from, canvas, flip);
  const wrong = exact(image, from, side, flip).filter((value, i) => {
    const tie = Math.abs((value % 1) - 0.5) < 1e-3;
    return tie ? Math.abs(canvas.data[i] - value) > 0.502 : canvas.data[i] !== Math.round(value);
  });
  expect(wrong).toEqual([]);
}

const channels = fc.constantFrom<1 | 3>(1, 3);
const whole = ({ height, width }: Image) => ({ top: 0, left: 0, height, width });

describe("resampling", () => {
  it("is what float64 gives, for rectangles of any size, whatever was in the memory", () => {
    const length = fc.integer({ min: 1, max: 90 });
    const range = fc.tuple(length, fc.nat(20), fc.nat(20));
    const sides = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(channels, range, range, sides, fc.boolean(), fc.nat(), (depth, rows, columns, side, flip, seed) => {
        const [[height, top, below], [width, left, right]] = [rows, columns];
        const image = noise(depth, top + height + below, left + width + right, seed);
        expectRounded(image, { top, left, height, width }, side, flip);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [20_000, 3, 32],
    [3, 20_000, 32],
    [1, 1, 1],
    [1, 1, 17],
    [2, 5, 200],
    [129, 131, 1],
  ])("is what float64 gives, from %i×%i to %i²", (height, width, side) => {
    for (const depth of [1, 3] as const) {
      const image = noise(depth, height, width, side);
      for (const flip of [false, true]) expectRounded(image, whole(image), side, flip);
    }
  });
});

it("keeps both buffers of a canvas while its memory grows", () => {
  const canvas = new Canvas(1, 2, [0]);
  canvas.data.set([1, 2, 3, 4]);
  canvas.spare.set([5, 6, 7, 8]);
  canvas.swap();
  canvas.reserve(1_000_000);
  expect([...canvas.data, ...canvas.spare]).toEqual([5, 6, 7, 8, 1, 2, 3, 4]);
});

it("normalises every byte of every channel, at any side, and writes nothing else", () => {
  const statistics = { mean: [0.485, 0.1, 0.9], std: [0.229, 1, 0.01] };
  fc.assert(
    fc.property(channels, fc.integer({ min: 1, max: 40 }), fc.nat(), (depth, side, seed) => {
      const canvas = new Canvas(depth, side, [0, 0, 0]);
      canvas.data.set(noise(depth, side, side, seed).data);
      const target = new Float32Array(depth * side * side + 10).fill(7);
      new Normaliser(statistics).write(canvas, target, 5);
      const numbers = target.subarray(5, -5);
      for (const [i, byte] of canvas.data.entries()) {
        const c = Math.floor(i / canvas.area);
        const expected = (byte / 255 - statistics.mean[c]) / statistics.std[c];
        expect(Math.abs(numbers[i] - expected)).toBeLessThan(1e-6 / statistics.std[c]);
      }
      expect(new Set([...target.subarray(0, 5), ...target.subarray(-5)])).toEqual(new Set([7]));
    }),
    { numRuns: 50 },
  );
});
