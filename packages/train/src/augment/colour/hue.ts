import type { Canvas } from "../canvas.js";

/** Turns every pixel's hue, in HSV, by a share of the colour circle; of a grey canvas, nothing. */
export function hue({ kernels, address, area, channels }: Canvas, turn: number): void {
  if (channels === 3) kernels.turnHue(address, area, turn);
}
