import { openNetwork, type StoredNetwork } from "./network.js";
import type { RunningOptions } from "./predictor.js";

/** Milliseconds that one image takes. */
export interface Latency {
  readonly median: number;
  readonly least: number;
  readonly runs: number;
}

const WARM_UP = 5;

/** Times a network on batches of one image. */
export async function measureLatency(
  source: string | StoredNetwork,
  options: RunningOptions & { readonly runs?: number } = {},
): Promise<Latency> {
  const network = typeof source === "string" ? openNetwork(source) : source;
  const { channels, resolution } = network.card;
  const { runs = 50 } = options;
  const image = new Float32Array(channels * resolution ** 2).fill(0.5);
  const predictor = await network.predictor(1, options);
  const times: number[] = [];
  for (let i = -WARM_UP; i < runs; i++) {
    const started = performance.now();
    await predictor.predict(image);
    if (i >= 0) times.push(performance.now() - started);
  }
  predictor.dispose();
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], least: times[0], runs };
}
