import { describe, expect, it } from "vitest";
import { Random } from "../../data/random.js";
import { identity, transform } from "../affine.js";
import { Canvas } from "../canvas.js";
import { randOps } from "./ops.js";
import { randAugment } from "./randAugment.js";

function noise(seed: number, channels: 1 | 3 = 3, side = 9): Canvas {
  const canvas = new Canvas(channels, side, [1, 2, 3]);
  const random = new Random(seed);
  for (let i = 0; i < canvas.data.length; i++) canvas.data[i] = random.integer(256);
  return canvas;
}

describe("affine maps", () => {
  it("change nothing by the identity", () => {
    const canvas = noise(1);
    const before = [...canvas.data];
    transform(canvas, identity);
    expect([...canvas.data]).toEqual(before);
  });

  it("turn by a quarter exactly", () => {
    const canvas = new Canvas(1, 2, [0]);
    canvas.data.set([1, 2, 3, 4]);
    transform(canvas, { ...identity, a: 0, b: -1, c: 1, d: 0 });
    expect([...canvas.data]).toEqual([2, 4, 1, 3].map((v) => v));
  });

  it("fill what comes from beyond with the fill colour", () => {
    const canvas = noise(2);
    transform(canvas, { ...identity, dx: 100 });
    expect([canvas.data[0], canvas.data[81], canvas.data[162]]).toEqual([1, 2, 3]);
  });
});

describe.each(Object.entries(randOps))("%s", (_name, op) => {
  it("is the same for the same random numbers, and bears grey and a single pixel", () => {
    const [one, again] = [noise(5), noise(5)];
    op(one, 0.7, new Random(9));
    op(again, 0.7, new Random(9));
    expect(one.data).toEqual(again.data);
    op(noise(5, 1), 1, new Random(1));
    op(noise(5, 3, 1), 1, new Random(1));
  });
});

describe("without severity", () => {
  const harmless = ["rotate", "solarise", "solariseAdd", "saturation", "contrast", "brightness", "sharpness", "shearX"];
  it.each([...harmless, "shearY", "shiftX", "shiftY"])("%s changes nothing", (name) => {
    const canvas = noise(7);
    const before = [...canvas.data];
    randOps[name](canvas, 0, new Random(1));
    expect([...canvas.data]).toEqual(before);
  });
});

it("posterise keeps fewer bits the more severe it is; solarise inverts all at the most", () => {
  const values = (name: string, severity: number) => {
    const canvas = new Canvas(1, 1, [0]);
    canvas.data[0] = 0b1011_0111;
    randOps[name](canvas, severity, new Random(1));
    return canvas.data[0];
  };
  expect([values("posterise", 0), values("posterise", 0.5), values("posterise", 1)]).toEqual([
    0b1011_0000, 0b1000_0000, 0,
  ]);
  expect([values("solarise", 0), values("solarise", 1)]).toEqual([0b1011_0111, 0b0100_1000]);
});

it("applies as many ops as asked, and none without probability", () => {
  const never = randAugment({ operations: 3, magnitude: 9, deviation: 0.5, probability: 0 });
  const canvas = noise(1);
  const before = [...canvas.data];
  for (let seed = 0; seed < 50; seed++) never(canvas, new Random(seed));
  expect([...canvas.data]).toEqual(before);
  const always = randAugment({ operations: 2, magnitude: 9, deviation: 0.5, probability: 1 });
  const results = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const fresh = noise(1);
    always(fresh, new Random(seed));
    results.add(fresh.data.join());
  }
  expect(results.size).toBeGreaterThan(40);
});
