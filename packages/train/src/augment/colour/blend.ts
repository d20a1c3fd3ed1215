import type { Canvas } from "../canvas.js";

/** Rec. 601 luma of a pixel, rounded; the value itself of a grey canvas. */
export function lumaAt({ data, area, channels }: Canvas, pixel: number): number {
  if (channels === 1) return data[pixel];
  return Math.round(0.299 * data[pixel] + 0.587 * data[area + pixel] + 0.114 * data[2 * area + pixel]);
}

/** Scales all values by a factor: 1 changes nothing, 0 gives black. */
export function brightness({ data }: Canvas, factor: number): void {
  for (let i = 0; i < data.length; i++) data[i] *= factor;
}

/** Distance from the image's mean luma, scaled by a factor: 1 changes nothing, 0 gives an even grey. */
export function contrast(canvas: Canvas, factor: number): void {
  const { data, area } = canvas;
  let sum = 0;
  for (let i = 0; i < area; i++) sum += lumaAt(canvas, i);
  const offset = (1 - factor) * Math.round(sum / area);
  for (let i = 0; i < data.length; i++) data[i] = factor * data[i] + offset;
}

/** Distance of each pixel from its own grey, scaled by a factor: 1 changes nothing, 0 gives grey. */
export function saturation(canvas: Canvas, factor: number): void {
  const { data, area, channels } = canvas;
  if (channels === 1) return;
  for (let i = 0; i < area; i++) {
    const offset = (1 - factor) * lumaAt(canvas, i);
    for (let at = i; at < 3 * area; at += area) data[at] = factor * data[at] + offset;
  }
}

/** Distance from the smoothed image, scaled by a factor: 1 changes nothing, 0 is smooth, 2 is sharp; the border stays. */
export function sharpness(canvas: Canvas, factor: number): void {
  const { data, spare, side, area, channels } = canvas;
  spare.set(data);
  for (let c = 0; c < channels; c++) {
    for (let y = 1; y < side - 1; y++) {
      const row = c * area + y * side;
      for (let i = row + 1; i < row + side - 1; i++) {
        const smooth = Math.round((neighbours(data, i, side) + 5 * data[i]) / 13);
        spare[i] = smooth + factor * (data[i] - smooth);
      }
    }
  }
  canvas.swap();
}

function neighbours(data: Uint8ClampedArray, i: number, side: number): number {
  const [up, down] = [i - side, i + side];
  return (
    data[up - 1] + data[up] + data[up + 1] + data[i - 1] + data[i + 1] + data[down - 1] + data[down] + data[down + 1]
  );
}
