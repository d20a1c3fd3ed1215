import type { Canvas } from "./canvas.js";

/** Where output pixels come from: x = a·X + b·Y, y = c·X + d·Y, about the centre, then moved by (dx, dy) pixels. */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly dx: number;
  readonly dy: number;
}

export const identity: Affine = { a: 1, b: 0, c: 0, d: 1, dx: 0, dy: 0 };

/** Moves the image by an affine map, between pixels bilinearly; what comes from beyond it has the fill colour. */
export function transform(canvas: Canvas, { a, b, c, d, dx, dy }: Affine): void {
  const { side } = canvas;
  const middle = (side - 1) / 2;
  for (let Y = 0; Y < side; Y++) {
    for (let X = 0; X < side; X++) {
      const x = a * (X - middle) + b * (Y - middle) + middle + dx;
      const y = c * (X - middle) + d * (Y - middle) + middle + dy;
      sample(canvas, Y * side + X, x, y);
    }
  }
  canvas.swap();
}

/** Writes the value at (x, y), in pixels, of every plane to a pixel of `spare`. */
function sample(canvas: Canvas, pixel: number, x: number, y: number): void {
  const { data, spare, side, area, channels } = canvas;
  if (x < -0.5 || y < -0.5 || x >= side - 0.5 || y >= side - 0.5) {
    for (let c = 0; c < channels; c++) spare[c * area + pixel] = canvas.fill[c];
    return;
  }
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  const [x0, x1] = [Math.max(0, left), Math.min(side - 1, left + 1)];
  const [y0, y1] = [Math.max(0, top) * side, Math.min(side - 1, top + 1) * side];
  for (let at = 0, c = 0; c < channels; c++, at += area) {
    const above = data[at + y0 + x0] * (1 - u) + data[at + y0 + x1] * u;
    const below = data[at + y1 + x0] * (1 - u) + data[at + y1 + x1] * u;
    spare[at + pixel] = above * (1 - v) + below * v;
  }
}
