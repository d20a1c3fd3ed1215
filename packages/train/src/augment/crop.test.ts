import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../data/random.js";
import { Canvas } from "./canvas.js";
import { centreCrop, randomRectangle, trainingCrop } from "./crop.js";
import { augmentationSchema } from "./schema.js";
import { shiftInto } from "./shift.js";

function ramp(height: number, width: number) {
  return { data: Uint8Array.from({ length: height * width }, (_, i) => i + 1), channels: 1, height, width } as const;
}

function shifted(dy: number, dx: number, mirrored: boolean, fill: "mean" | "black" | "reflect"): number[] {
  const canvas = new Canvas(1, 3, [99]);
  shiftInto(canvas, ramp(3, 3).data, dy, dx, mirrored, fill);
  return [...canvas.data];
}

/** The position, turned back at either border until it is within. */
function bounced(position: number, side: number): number {
  if (side === 1) return 0;
  if (position < 0) return bounced(-position, side);
  return position < side ? position : bounced(2 * (side - 1) - position, side);
}

describe("moving by whole pixels", () => {
  it("fills what lies beyond with the mean colour, black, or the image mirrored", () => {
    expect(shifted(0, 0, false, "mean")).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(shifted(1, -1, false, "mean")).toEqual([99, 4, 5, 99, 7, 8, 99, 99, 99]);
    expect(shifted(1, -1, false, "black")).toEqual([0, 4, 5, 0, 7, 8, 0, 0, 0]);
    expect(shifted(1, -1, false, "reflect")).toEqual([5, 4, 5, 8, 7, 8, 5, 4, 5]);
  });

  it("mirrors after moving", () => {
    expect(shifted(0, 1, false, "mean")).toEqual([2, 3, 99, 5, 6, 99, 8, 9, 99]);
    expect(shifted(0, 1, true, "mean")).toEqual([99, 3, 2, 99, 6, 5, 99, 9, 8]);
    expect(shifted(0, 1, true, "reflect")).toEqual([2, 3, 2, 5, 6, 5, 8, 9, 8]);
  });

  it("moves and mirrors images of any side", () => {
    const distance = fc.integer({ min: -70, max: 70 });
    const fills = fc.constantFrom<"mean" | "black" | "reflect">("mean", "black", "reflect");
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        distance,
        distance,
        fc.boolean(),
        fills,
        (side, dy, dx, mirrored, fill) => {
          const image = ramp(side, side);
          const canvas = new Canvas(1, side, [99]);
          shiftInto(canvas, image.data, dy, dx, mirrored, fill);
          const within = (at: number) => (fill === "reflect" ? bounced(at, side) : at);
          const expected = Array.from({ length: side * side }, (_, i) => {
            const [y, x] = [Math.floor(i / side), mirrored ? side - 1 - (i % side) : i % side];
            const [from, at] = [within(y + dy), within(x + dx)];
            const inside = from >= 0 && from < side && at >= 0 && at < side;
            return inside ? image.data[from * side + at] : fill === "mean" ? 99 : 0;
          });
          expect([...canvas.data]).toEqual(expected);
        },
      ),
      { examples: [[1, 0, -66, false, "mean"]] },
    );
  });

  it("bears any distance", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -64, max: 64 }),
        fc.integer({ min: -64, max: 64 }),
        fc.boolean(),
        (dy, dx, flip) => {
          for (const value of shifted(dy, dx, flip, "reflect")) expect(value >= 1 && value <= 9).toBe(true);
          const kept = Math.max(0, 3 - Math.abs(dy)) * Math.max(0, 3 - Math.abs(dx));
          expect(shifted(dy, dx, flip, "mean").filter((value) => value !== 99)).toHaveLength(kept);
        },
      ),
    );
  });
});

describe("pad and crop", () => {
  const crop = trainingCrop(augmentationSchema.parse({ crop: { kind: "padAndCrop", padding: 1 }, flip: 0.5 }));

  it("reaches every place and both directions", () => {
    const canvas = new Canvas(1, 3, [99]);
    const seen = new Set<string>();
    for (let i = 0; i < 400; i++) {
      crop(ramp(3, 3), canvas, new Random(i));
      seen.add(canvas.data.join());
    }
    expect(seen.size).toBe(3 * 3 * 2);
  });

  it("scales images of another size first", () => {
    const canvas = new Canvas(1, 4, [99]);
    const even = { data: new Uint8Array(48).fill(7), channels: 1, height: 6, width: 8 } as const;
    crop(even, canvas, new Random(1));
    expect(new Set(canvas.data).has(7)).toBe(true);
    for (const value of canvas.data) expect([7, 99]).toContain(value);
  });
});

it("looks at the middle square in evaluation", () => {
  const canvas = new Canvas(1, 2, [0]);
  centreCrop(1)(ramp(2, 4), canvas, new Random(0));
  expect([...canvas.data]).toEqual([2, 3, 6, 7]);
  centreCrop(0.5)(ramp(4, 4), canvas, new Random(0));
  expect([...canvas.data]).toEqual([6, 7, 10, 11]);
});

it("draws rectangles within the image, of the area and ratio asked for", () => {
  const sides = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(sides, sides, fc.integer(), (height, width, seed) => {
      const image = { data: new Uint8Array(0), channels: 1, height, width } as const;
      const { top, left, height: h, width: w } = randomRectangle(image, [0.08, 1], [3 / 4, 4 / 3], new Random(seed));
      expect(h >= 1 && w >= 1 && top >= 0 && left >= 0 && top + h <= height && left + w <= width).toBe(true);
      if (Math.min(h, w) > 20) expect(w / h > 0.7 && w / h < 1.42).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it("draws areas evenly between the bounds", () => {
  const image = { data: new Uint8Array(0), channels: 1, height: 200, width: 200 } as const;
  const areas = Array.from({ length: 4000 }, (_, seed) => {
    const { height, width } = randomRectangle(image, [0.1, 0.5], [1, 1], new Random(seed));
    return (height * width) / 40_000;
  });
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  expect(mean).toBeCloseTo(0.3, 1);
  expect(Math.min(...areas)).toBeGreaterThan(0.098);
  expect(Math.max(...areas)).toBeLessThan(0.503);
});
