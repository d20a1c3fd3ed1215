import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { ChannelStatistics, DataSetHandle } from "./dataSet.js";
import type { Pack } from "./pack/reader.js";

/** Images that the statistics are computed from, evenly spaced over the training images. */
const MAX_IMAGES = 20_000;
/** A channel that never varies is left as it is. */
const LEAST_STD = 1 / 255;

const statisticsSchema = z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) });

/** Mean and standard deviation of each channel over the training images, kept beside the pack once computed. */
export function channelStatistics(
  pack: Pack,
  train: Int32Array,
  { split: rule, holdOut }: DataSetHandle,
): ChannelStatistics {
  const path = join(
    pack.directory,
    `statistics-${rule ? `${rule.fraction}-${rule.seed}` : "own"}${holdOut ? "-held" : ""}.json`,
  );
  const kept = read(path, pack.index.channels);
  if (kept) return kept;
  const statistics = compute(pack, train);
  keep(path, statistics);
  return statistics;
}

function compute(pack: Pack, train: Int32Array): ChannelStatistics {
  const { channels } = pack.index;
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  const stride = Math.max(1, train.length / MAX_IMAGES);
  for (let at = 0; at < train.length; at += stride) {
    const { data, height, width } = pack.image(train[Math.floor(at)]);
    for (const [c, histogram] of histograms.entries()) {
      for (let i = c * height * width; i < (c + 1) * height * width; i++) histogram[data[i]]++;
    }
  }
  const moments = histograms.map(momentsOf);
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}

function momentsOf(histogram: Float64Array): { mean: number; std: number } {
  const count = histogram.reduce((sum, n) => sum + n, 0);
  if (count === 0) return { mean: 0.5, std: 0.25 };
  const mean = histogram.reduce((sum, n, value) => sum + n * value, 0) / count;
  const variance = histogram.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / count;
  return { mean: mean / 255, std: Math.max(LEAST_STD, Math.sqrt(variance) / 255) };
}

function read(path: string, channels: number): ChannelStatistics | undefined {
  try {
    const { mean, std } = statisticsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return mean.length === channels && std.length === channels ? { mean, std } : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written to costs the computation each time and nothing else. */
function keep(path: string, statistics: ChannelStatistics): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify(statistics));
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
