import { paretoFront } from "@regnet/core";
import type { Latency } from "../analysis/trial.js";

/** A trained network whose latency is known or predicted. */
export interface Contender {
  readonly error: number;
  readonly latency: Latency;
}

/** Where measuring a front ends. */
export interface FrontOptions {
  /** Networks measured at most; default 16. */
  readonly most?: number;
  /** Whether there is no more time. Default: never. */
  readonly enough?: () => boolean;
}

const MOST = 16;

/**
 * Measures predicted networks on the front of error against latency, the least error first, until all on it are
 * measured: a network that turns out slower than predicted leaves the front, and another may take its place.
 *
 * @param measure milliseconds of the network at a position
 * @returns the latencies in the order of the networks
 */
export async function measureFront(
  networks: readonly Contender[],
  measure: (position: number) => Promise<number>,
  { most = MOST, enough = () => false }: FrontOptions = {},
): Promise<Latency[]> {
  const latencies = networks.map(({ latency }) => latency);
  const errors = networks.map(({ error }) => error);
  for (let measured = 0; measured < most && !enough(); measured++) {
    const front = paretoFront(
      latencies.map(({ milliseconds }) => milliseconds),
      errors,
    );
    const next = front.reverse().find((position) => latencies[position].from === "predicted");
    if (next === undefined) break;
    latencies[next] = { milliseconds: await measure(next), from: "measured" };
  }
  return latencies;
}
