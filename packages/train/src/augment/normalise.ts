import type { ChannelStatistics } from "../data/dataSet.js";
import type { Canvas } from "./canvas.js";

/** Turns bytes into what the network sees, (byte/255 − mean) ÷ std, by a table a channel. */
export class Normaliser {
  private readonly tables: readonly Float32Array[];

  constructor({ mean, std }: ChannelStatistics) {
    this.tables = mean.map((average, c) =>
      Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - average) / std[c]),
    );
  }

  /** Writes the canvas into `target` from `offset` on. */
  write({ data, area, channels }: Canvas, target: Float32Array, offset: number): void {
    for (let c = 0; c < channels; c++) {
      const table = this.tables[c];
      const end = (c + 1) * area;
      for (let i = c * area; i < end; i++) target[offset + i] = table[data[i]];
    }
  }
}

/** The mean colour as bytes. */
export function meanColour({ mean }: ChannelStatistics): number[] {
  return mean.map((value) => Math.round(255 * value));
}
