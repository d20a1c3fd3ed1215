import sharp, { type Sharp } from "sharp";
import { afterEach, expect, it, vi } from "vitest";
import { decodeImage } from "./decode.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A grey ramp along the longer side of an image of 8 pixels by `length`, as a PNG. */
function ramp(length: number, upright: boolean): Sharp {
  const pixels = Uint8Array.from({ length: 8 * length }, (_, i) => (upright ? i >> 3 : i % length) & 255);
  const [width, height] = upright ? [8, length] : [length, 8];
  return sharp(pixels, { raw: { width, height, channels: 1 } }).png();
}

it.each([
  ["wide", false, 8],
  ["wide, reduced", false, 4],
  ["wide, as it is", false, undefined],
  ["high", true, 8],
  ["high, reduced", true, 4],
  ["high, as it is", true, undefined],
])("keeps the middle of a long image without unpacking the rest: %s", async (_, upright, side) => {
  const unpacked = vi.spyOn(Object.getPrototypeOf(sharp()) as Sharp, "toBuffer");
  const png = await ramp(255, upright).toBuffer();
  const { data, height, width, original } = await decodeImage(png, { channels: 1, side });
  const shorter = side ?? 8;
  expect([height, width]).toEqual(upright ? [2 * shorter, shorter] : [shorter, 2 * shorter]);
  expect(original).toEqual(upright ? { height: 255, width: 8 } : { height: 8, width: 255 });
  expect(Math.abs(data.reduce((a, b) => a + b) / data.length - 127)).toBeLessThan(2);
  const raw = (await unpacked.mock.results[1].value) as unknown as { data: Buffer };
  expect(raw.data.length).toBeLessThanOrEqual(3 * data.length);
});

it("keeps the middle of what EXIF turns", async () => {
  const jpeg = await sharp(await ramp(128, false).toBuffer())
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100 })
    .toBuffer();
  for (const side of [8, undefined]) {
    const { data, height, width } = await decodeImage(jpeg, { channels: 1, side });
    expect([height, width]).toEqual([16, 8]);
    expect(Math.abs(data[0] - 56)).toBeLessThan(4);
    expect(Math.abs(data[127] - 71)).toBeLessThan(4);
  }
});
