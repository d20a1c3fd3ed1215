import type { Canvas } from "./canvas.js";

/** What the kernel takes for a fill by the source itself. */
const REFLECT = -1;

/**
 * Copies planes of the canvas's own size onto it, moved by whole pixels and mirrored left to right on request.
 * @param source may be the canvas's `spare`
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
  const { side, area, channels, kernels } = canvas;
  const from = source === canvas.spare ? source.byteOffset : copyOf(canvas, source);
  for (let c = 0; c < channels; c++) {
    const outside = fill === "reflect" ? REFLECT : fill === "mean" ? canvas.fill[c] : 0;
    kernels.shift(from + c * area, canvas.address + c * area, side, dy, dx, mirrored, outside);
  }
}

/** @returns where it is in the kernels' memory */
function copyOf(canvas: Canvas, source: Uint8Array | Uint8ClampedArray): number {
  const address = canvas.reserve(source.length);
  new Uint8Array(canvas.kernels.memory.buffer).set(source, address);
  return address;
}
