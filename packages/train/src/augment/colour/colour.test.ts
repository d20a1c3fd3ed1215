import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../data/random.js";
import { Canvas } from "../canvas.js";
import { brightness, contrast, saturation, sharpness } from "./blend.js";
import { autoContrast, equalise, pointwise } from "./histogram.js";
import { hue } from "./hue.js";
import { colourJitter } from "./jitter.js";

function noise(seed: number, channels: 1 | 3 = 3, side = 6): Canvas {
  const canvas = new Canvas(channels, side, [1, 2, 3]);
  const random = new Random(seed);
  for (let i = 0; i < canvas.data.length; i++) canvas.data[i] = random.integer(256);
  return canvas;
}

function pixel(red: number, green: number, blue: number): Canvas {
  const canvas = new Canvas(3, 1, [0, 0, 0]);
  canvas.data.set([red, green, blue]);
  return canvas;
}

describe.each([
  ["brightness", brightness],
  ["contrast", contrast],
  ["saturation", saturation],
  ["sharpness", sharpness],
] as const)("%s", (_, adjust) => {
  it("changes nothing by the factor 1, grey or colour", () => {
    for (const channels of [1, 3] as const) {
      const canvas = noise(1, channels);
      const before = [...canvas.data];
      adjust(canvas, 1);
      expect([...canvas.data]).toEqual(before);
    }
  });
});

it("brightness 0 is black, contrast 0 the mean luma, saturation 0 each pixel's luma", () => {
  const luma = Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50);
  const after = (adjust: (canvas: Canvas, factor: number) => void) => {
    const canvas = pixel(200, 100, 50);
    adjust(canvas, 0);
    return [...canvas.data];
  };
  expect(after(brightness)).toEqual([0, 0, 0]);
  expect(after(contrast)).toEqual([luma, luma, luma]);
  expect(after(saturation)).toEqual([luma, luma, luma]);
});

describe("a colour canvas of any side", () => {
  type Pixel = readonly [red: number, green: number, blue: number];
  const luma = ([r, g, b]: Pixel) => Math.floor((299 * r + 587 * g + 114 * b + 500) / 1000);

  /** Each pixel becomes what `exact` gives in float64, rounded, unless that is so near to a half that float32 cannot tell. */
  function expectRounded(
    adjust: (canvas: Canvas, amount: number) => void,
    exact: (pixel: Pixel, amount: number, meanLuma: number) => readonly number[],
    amounts: fc.Arbitrary<number>,
  ): void {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), amounts, (seed, side, amount) => {
        const canvas = noise(seed, 3, side);
        const { area } = canvas;
        const before = [...canvas.data];
        adjust(canvas, amount);
        const pixels = Array.from(
          { length: area },
          (_, i): Pixel => [before[i], before[area + i], before[2 * area + i]],
        );
        const mean = Math.round(pixels.reduce((sum, one) => sum + luma(one), 0) / area);
        const wrong = pixels.filter((one, i) =>
          exact(one, amount, mean).some((value, c) => {
            const clamped = Math.max(0, Math.min(255, value));
            const distance = Math.abs(canvas.data[c * area + i] - clamped);
            return distance > (Math.abs((clamped % 1) - 0.5) < 1e-3 ? 0.502 : 0.5);
          }),
        );
        expect(wrong).toEqual([]);
      }),
    );
  }

  const factors = fc.double({ min: 0, max: 2, noNaN: true });

  it("is as bright as asked for", () => {
    expectRounded(brightness, (one, factor) => one.map((value) => factor * value), factors);
  });

  it("has the contrast asked for", () => {
    expectRounded(contrast, (one, factor, mean) => one.map((value) => mean + factor * (value - mean)), factors);
  });

  it("is as saturated as asked for", () => {
    expectRounded(saturation, (one, by) => one.map((value) => luma(one) + by * (value - luma(one))), factors);
  });

  it("has the hue asked for", () => {
    const turned = (one: Pixel, turn: number) => {
      const value = Math.max(...one);
      const chroma = value - Math.min(...one);
      const [r, g, b] = one;
      const sector = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
      if (chroma === 0) return one;
      const ramp = (k: number) => value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
      return [5, 3, 1].map((n) => ramp((n + sector + 6 * turn + 12) % 6));
    };
    expectRounded(hue, turned, fc.double({ min: -0.5, max: 0.5, noNaN: true }));
  });
});

it("sharpness 0 smooths a point into its neighbours and leaves the border", () => {
  const canvas = new Canvas(1, 5, [0]);
  canvas.data[12] = 130;
  sharpness(canvas, 0);
  const row = (y: number) => [...canvas.data.subarray(5 * y, 5 * y + 5)];
  expect([row(0), row(1), row(2)]).toEqual([
    [0, 0, 0, 0, 0],
    [0, 10, 10, 10, 0],
    [0, 10, 50, 10, 0],
  ]);
});

describe("hue", () => {
  it("turns red to green by a third of the circle, and to cyan by half", () => {
    const turned = (turn: number) => {
      const canvas = pixel(255, 0, 0);
      hue(canvas, turn);
      return [...canvas.data];
    };
    expect([turned(1 / 3), turned(0.5), turned(-1 / 3)]).toEqual([
      [0, 255, 0],
      [0, 255, 255],
      [0, 0, 255],
    ]);
  });

  it("comes back when turned back, keeps value and grey", () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        const canvas = pixel(red, green, blue);
        hue(canvas, 1);
        expect([...canvas.data]).toEqual([red, green, blue]);
        hue(canvas, 0.21);
        expect(Math.max(...canvas.data)).toBe(Math.max(red, green, blue));
        const grey = pixel(red, red, red);
        hue(grey, 0.3);
        expect([...grey.data]).toEqual([red, red, red]);
      }),
    );
  });
});

it("autoContrast stretches each channel to the full range", () => {
  const canvas = new Canvas(1, 2, [0]);
  canvas.data.set([50, 60, 75, 100]);
  autoContrast(canvas);
  expect([...canvas.data]).toEqual([0, 51, 127, 255]);
  const even = pixel(9, 9, 9);
  autoContrast(even);
  expect([...even.data]).toEqual([9, 9, 9]);
});

it("equalise makes a ramp of few values span the range", () => {
  const canvas = new Canvas(1, 32, [0]);
  canvas.data.forEach((_, i) => {
    canvas.data[i] = 100 + (i % 4);
  });
  equalise(canvas);
  expect([...new Set(canvas.data)].sort((a, b) => a - b)).toEqual([0, 85, 171, 255]);
});

it("pointwise clamps", () => {
  const canvas = pixel(0, 100, 255);
  pointwise(canvas, (value) => 2 * value);
  expect([...canvas.data]).toEqual([0, 200, 255]);
});

it("jitter draws within its strengths, and nothing where all are 0", () => {
  const none = noise(3);
  const before = [...none.data];
  colourJitter({ brightness: 0, contrast: 0, saturation: 0, hue: 0 })(none, new Random(1));
  expect([...none.data]).toEqual(before);
  const jitter = colourJitter({ brightness: 0.4, contrast: 0, saturation: 0, hue: 0 });
  const factors = Array.from({ length: 500 }, (_, seed) => {
    const canvas = pixel(100, 100, 100);
    jitter(canvas, new Random(seed));
    return canvas.data[0];
  });
  expect([Math.min(...factors), Math.max(...factors)]).toEqual([60, 140]);
});
