import type { Canvas } from "../canvas.js";

/** Passes every value of a plane through a table of 256. */
export function applyTable({ data, area }: Canvas, channel: number, table: ArrayLike<number>): void {
  for (let i = channel * area; i < (channel + 1) * area; i++) data[i] = table[data[i]];
}

/** Stretches each channel to the full range. */
export function autoContrast(canvas: Canvas): void {
  for (let c = 0; c < canvas.channels; c++) {
    const histogram = histogramOf(canvas, c);
    const low = histogram.findIndex((n) => n > 0);
    const high = histogram.findLastIndex((n) => n > 0);
    if (high <= low) continue;
    applyTable(
      canvas,
      c,
      clampedTable((value) => Math.floor((255 * (value - low)) / (high - low))),
    );
  }
}

/** Makes each channel's values about equally frequent. */
export function equalise(canvas: Canvas): void {
  for (let c = 0; c < canvas.channels; c++) {
    const histogram = histogramOf(canvas, c);
    const highest = histogram[histogram.findLastIndex((n) => n > 0)];
    const step = Math.floor((canvas.area - highest) / 255);
    if (step === 0) continue;
    let sum = Math.floor(step / 2);
    const table = new Uint8ClampedArray(256);
    for (let value = 0; value < 256; value++) {
      table[value] = Math.floor(sum / step);
      sum += histogram[value];
    }
    applyTable(canvas, c, table);
  }
}

/** The same table for all channels. */
export function pointwise(canvas: Canvas, change: (value: number) => number): void {
  const table = clampedTable(change);
  for (let c = 0; c < canvas.channels; c++) applyTable(canvas, c, table);
}

function clampedTable(change: (value: number) => number): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
}

function histogramOf({ data, area }: Canvas, channel: number): Uint32Array {
  const histogram = new Uint32Array(256);
  for (let i = channel * area; i < (channel + 1) * area; i++) histogram[data[i]]++;
  return histogram;
}
