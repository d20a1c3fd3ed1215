import type { Image } from "../data/image.js";
import type { Canvas } from "./canvas.js";

/** A rectangle of whole pixels within an image. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What the kernel may read past the source, and past its row of floats. */
const MARGIN = 64;

/**
 * Scales a rectangle of an image to fill the canvas, mirrored left to right on request, by a triangle filter, widened
 * where it reduces: what Pillow and torchvision call bilinear with antialiasing.
 */
export function resample(image: Image, { top, left, height, width }: Rectangle, canvas: Canvas, flip: boolean): void {
  const { side, area, channels, kernels } = canvas;
  const span = (height - 1) * image.width + width;
  const sizes = [kernels.axisBytes(height, side), kernels.axisBytes(width, side), 4 * width + MARGIN];
  const down = canvas.reserve(sizes[0] + sizes[1] + sizes[2] + span + MARGIN);
  const across = down + sizes[0];
  const row = across + sizes[1];
  const source = row + sizes[2];
  kernels.writeAxis(down, height, side, false);
  kernels.writeAxis(across, width, side, flip);
  const memory = new Uint8Array(kernels.memory.buffer);
  for (let c = 0; c < channels; c++) {
    const start = (c * image.height + top) * image.width + left;
    memory.set(image.data.subarray(start, start + span), source);
    kernels.resample(source, image.width, height, width, down, across, row, canvas.address + c * area, side);
  }
}
