import type { ChannelStatistics } from "../data/dataSet.js";
import type { Canvas } from "./canvas.js";

/** Turns bytes into what the network sees, (byte/255 − mean) ÷ std. */
export class Normaliser {
  constructor(private readonly statistics: ChannelStatistics) {}

  /** Writes the canvas into `target` from `offset` on. */
  write(canvas: Canvas, target: Float32Array, offset: number): void {
    const { area, channels, kernels } = canvas;
    const { mean, std } = this.statistics;
    const count = channels * area;
    const floats = canvas.reserve(4 * count + MARGIN);
    for (let c = 0; c < channels; c++) {
      const source = canvas.address + c * area;
      kernels.normalise(source, floats + 4 * c * area, area, 1 / (255 * std[c]), -mean[c] / std[c]);
    }
    target.set(new Float32Array(kernels.memory.buffer, floats, count), offset);
  }
}

/** What the kernel may write past the numbers. */
const MARGIN = 64;

/** The mean colour as bytes. */
export function meanColour({ mean }: ChannelStatistics): number[] {
  return mean.map((value) => Math.round(255 * value));
}
