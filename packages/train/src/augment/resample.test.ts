import fc from "fast-check";
import { expect, it } from "vitest";
import { Canvas } from "./canvas.js";
import { resample } from "./resample.js";

function grey(height: number, width: number, value: (y: number, x: number) => number) {
  const data = Uint8Array.from({ length: height * width }, (_, i) => value(Math.floor(i / width), i % width));
  return { data, channels: 1, height, width } as const;
}

const whole = ({ height, width }: { height: number; width: number }) => ({ top: 0, left: 0, height, width });

function scaled(image: ReturnType<typeof grey>, side: number, flip = false, from = whole(image)): number[] {
  const canvas = new Canvas(1, side, [0]);
  resample(image, from, canvas, flip);
  return [...canvas.data];
}

it("copies where the size is the same", () => {
  const image = grey(3, 3, (y, x) => 10 * y + x);
  expect(scaled(image, 3)).toEqual([...image.data]);
  expect(scaled(image, 3, true)).toEqual([2, 1, 0, 12, 11, 10, 22, 21, 20]);
});

it("halves by the triangle of two pixels to either side, as Pillow does", () => {
  const image = grey(4, 4, (_, x) => [0, 0, 0, 200][x]);
  expect(scaled(image, 2).slice(0, 2)).toEqual([Math.round(200 * 0), Math.round((200 * 3) / 7)]);
});

it("doubles linearly", () => {
  expect(
    scaled(
      grey(2, 2, (_, x) => 100 * x),
      4,
    ).slice(0, 4),
  ).toEqual([0, 25, 75, 100]);
});

it("sees nothing beyond the rectangle", () => {
  const image = grey(6, 6, (y, x) => (y >= 2 && y < 4 && x >= 2 && x < 4 ? 50 : 255));
  expect(scaled(image, 5, false, { top: 2, left: 2, height: 2, width: 2 })).toEqual(
    Array.from({ length: 25 }, () => 50),
  );
});

it("keeps an even colour even, at any size, and never leaves the range of the values", () => {
  const sizes = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(sizes, sizes, sizes, fc.nat(255), fc.boolean(), (height, width, side, value, flip) => {
      expect(
        new Set(
          scaled(
            grey(height, width, () => value),
            side,
            flip,
          ),
        ),
      ).toEqual(new Set([value]));
      const checks = grey(height, width, (y, x) => ((x + y) % 2 === 0 ? 60 : 190));
      for (const result of scaled(checks, side, flip)) expect(result >= 60 && result <= 190).toBe(true);
    }),
  );
});
