import type { Canvas } from "./canvas.js";

/**
 * Copies planes of the canvas's own size onto it, moved by whole pixels and mirrored left to right on request.
 * @param dy row of the source that comes to stand in the first row; rows beyond the source are filled
 * @param fill `mean`: the canvas's fill colour; `black`; `reflect`: the source mirrored at its border pixels
 */
export function shiftInto(
  canvas: Canvas,
  source: Uint8Array | Uint8ClampedArray,
  dy: number,
  dx: number,
  mirrored: boolean,
  fill: "mean" | "black" | "reflect",
): void {
  const { data, side, area, channels } = canvas;
  for (let c = 0; c < channels; c++) {
    const outside = fill === "mean" ? canvas.fill[c] : 0;
    for (let y = 0; y < side; y++) {
      const target = c * area + y * side;
      const from = fill === "reflect" ? reflect(y + dy, side) : y + dy;
      if (from < 0 || from >= side) data.fill(outside, target, target + side);
      else if (fill === "reflect") reflectRow(data, target, source, c * area + from * side, side, dx, mirrored);
      else copyRow(data, target, source, c * area + from * side, side, dx, mirrored, outside);
    }
  }
}

function copyRow(
  data: Uint8ClampedArray,
  target: number,
  source: Uint8Array | Uint8ClampedArray,
  row: number,
  side: number,
  dx: number,
  mirrored: boolean,
  outside: number,
): void {
  let [at, step] = mirrored ? [target + side - 1, -1] : [target, 1];
  const [low, high] = [Math.min(side, Math.max(0, -dx)), Math.max(0, Math.min(side, side - dx))];
  for (let x = 0; x < low; x++, at += step) data[at] = outside;
  for (let x = low; x < high; x++, at += step) data[at] = source[row + x + dx];
  for (let x = Math.max(low, high); x < side; x++, at += step) data[at] = outside;
}

function reflectRow(
  data: Uint8ClampedArray,
  target: number,
  source: Uint8Array | Uint8ClampedArray,
  row: number,
  side: number,
  dx: number,
  mirrored: boolean,
): void {
  for (let x = 0; x < side; x++) {
    data[target + (mirrored ? side - 1 - x : x)] = source[row + reflect(x + dx, side)];
  }
}

/** The position mirrored at 0 and at side − 1 as often as needed. */
function reflect(position: number, side: number): number {
  if (side === 1) return 0;
  const period = 2 * side - 2;
  const within = ((position % period) + period) % period;
  return within < side ? within : period - within;
}
