import type { Canvas } from "../canvas.js";

/** Scales all values by a factor: 1 changes nothing, 0 gives black. */
export function brightness({ kernels, address, data }: Canvas, factor: number): void {
  kernels.adjust(address, data.length, factor, 0);
}

/** Distance from the image's mean luma, scaled by a factor: 1 changes nothing, 0 gives an even grey. */
export function contrast(canvas: Canvas, factor: number): void {
  const { kernels, address, data, area } = canvas;
  kernels.adjust(address, data.length, factor, (1 - factor) * Math.round(lumaSum(canvas) / area));
}

/** The sum of all pixels' Rec. 601 luma, each rounded; of a grey canvas, of the values themselves. */
function lumaSum({ kernels, address, data, area, channels }: Canvas): number {
  return channels === 3 ? kernels.lumaSum(address, area) : data.reduce((sum, value) => sum + value, 0);
}

/** Distance of each pixel from its own grey, scaled by a factor: 1 changes nothing, 0 gives grey. */
export function saturation({ kernels, address, area, channels }: Canvas, factor: number): void {
  if (channels === 3) kernels.saturate(address, area, factor);
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
