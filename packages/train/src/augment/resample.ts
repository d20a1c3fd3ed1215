import type { Image } from "../data/image.js";
import type { Canvas } from "./canvas.js";

/** A rectangle of whole pixels within an image. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** One axis of a resampling: output i is the sum over t of weights[i·taps + t] × input[first[i] + t]. */
interface Axis {
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Scales rectangles of images to a square by a triangle filter, widened where it reduces: what Pillow and torchvision
 * call bilinear with antialiasing. Keeps its scratch memory from one image to the next.
 */
export class Resampler {
  private rows = new Float32Array(0);

  /** Scales `from` to fill the canvas, mirrored left to right on request. */
  run(image: Image, from: Rectangle, canvas: Canvas, flip: boolean): void {
    const { side, area, channels } = canvas;
    const across = axis(from.width, side, flip);
    const down = axis(from.height, side, false);
    if (this.rows.length < from.height * side) this.rows = new Float32Array(from.height * side);
    for (let c = 0; c < channels; c++) {
      const start = (c * image.height + from.top) * image.width + from.left;
      this.horizontal(image.data, start, image.width, from.height, side, across);
      this.vertical(canvas.data, c * area, side, down);
    }
  }

  private horizontal(data: Uint8Array, start: number, stride: number, height: number, side: number, axis: Axis): void {
    const { rows } = this;
    const { taps, first, weights } = axis;
    for (let y = 0; y < height; y++) {
      const source = start + y * stride;
      const target = y * side;
      for (let x = 0; x < side; x++) {
        const at = source + first[x];
        const w = x * taps;
        let sum = weights[w] * data[at];
        for (let t = 1; t < taps; t++) sum += weights[w + t] * data[at + t];
        rows[target + x] = sum;
      }
    }
  }

  private vertical(result: Uint8ClampedArray, start: number, side: number, { taps, first, weights }: Axis): void {
    const { rows } = this;
    for (let y = 0; y < side; y++) {
      const w = y * taps;
      const source = first[y] * side;
      const target = start + y * side;
      for (let x = 0; x < side; x++) {
        let at = source + x;
        let sum = weights[w] * rows[at];
        for (let t = 1; t < taps; t++) {
          at += side;
          sum += weights[w + t] * rows[at];
        }
        result[target + x] = sum;
      }
    }
  }
}

function axis(length: number, size: number, mirrored: boolean): Axis {
  const scale = length / size;
  const support = Math.max(1, scale);
  const taps = Math.min(length, Math.ceil(2 * support) + 1);
  const first = new Int32Array(size);
  const weights = new Float32Array(size * taps);
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - support + 0.5));
    const to = Math.min(length, Math.floor(centre + support + 0.5));
    const out = mirrored ? size - 1 - i : i;
    first[out] = Math.min(from, length - taps);
    tapWeights(weights, out * taps - first[out], from, to, centre, support);
  }
  return { taps, first, weights };
}

/** Triangle weights of the pixels from…to−1, summing to 1; the pixel p's weight lands at `origin` + p. */
function tapWeights(
  weights: Float32Array,
  origin: number,
  from: number,
  to: number,
  centre: number,
  support: number,
): void {
  let sum = 0;
  for (let p = from; p < to; p++) sum += triangle((p + 0.5 - centre) / support);
  for (let p = from; p < to; p++) weights[origin + p] = triangle((p + 0.5 - centre) / support) / sum;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}
