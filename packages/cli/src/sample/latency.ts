import type { NetworkOptions, PopulationNetwork, PopulationOptions, SpaceDocument } from "@regnet/core";
import { samplePopulation } from "@regnet/core";
import type { LatencyFit } from "@regnet/study";
import type { Range } from "../quantities.js";

const DRAWN = 200;
const MEASURED = 12;
const SECONDS = 0.25;
/** Networks this much slower than the limit say nothing of those within. */
const FAR_BEYOND = 3;

/**
 * Measures a dozen networks of the space on this device, and fits what predicts the latency of the others.
 *
 * @param range milliseconds an image; the measuring stops where networks are far slower
 */
export async function fitSpaceLatency(
  space: SpaceDocument,
  { seed, limits = {}, resolution, channels, classes }: PopulationOptions,
  range: Range,
): Promise<LatencyFit> {
  const { calibrateLatency, FEWEST_SAMPLES, spreadOverFlops } = await import("@regnet/study");
  const { chooseEngine } = await import("@regnet/engine");
  const engine = chooseEngine();
  const input: NetworkOptions = { resolution, channels, classes };
  const drawn = samplePopulation(space, { ...input, count: DRAWN, seed, limits: widened(limits) });
  const networks = spreadOverFlops(drawn.networks, MEASURED).sort(byFlops);
  let slow = 0;
  const { max = Number.POSITIVE_INFINITY } = range;
  const fit = await calibrateLatency(engine, networks, input, {
    seconds: SECONDS,
    onMeasured: ({ milliseconds }, done, total) => {
      if (milliseconds > FAR_BEYOND * max) slow++;
      if (process.stderr.isTTY) process.stderr.write(`\rmeasuring latency: ${done} of ${total} networks `);
    },
    enough: (measured) => slow >= 2 && measured > FEWEST_SAMPLES,
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return fit;
}

/** Predicts within the range, or says on which side a network lies. */
export async function withinLatency(
  { model }: LatencyFit,
  { min = 0, max = Number.POSITIVE_INFINITY }: Range,
): Promise<(network: PopulationNetwork) => string | undefined> {
  const { latencyFeatures, predictLatency } = await import("@regnet/study");
  return (network) => {
    const milliseconds = predictLatency(model, latencyFeatures(network));
    if (milliseconds > max) return "latency above";
    return milliseconds < min ? "latency below" : undefined;
  };
}

/** With room on both sides of the flops asked for: a fit needs contrast. */
function widened({ flops, ...others }: NonNullable<PopulationOptions["limits"]>): PopulationOptions["limits"] {
  const { min = 0, max } = flops ?? {};
  const { stages, depth } = others;
  return { stages, depth, flops: flops && { min: 0.4 * min, max: max && 1.6 * max } };
}

function byFlops(a: PopulationNetwork, b: PopulationNetwork): number {
  return a.complexity.flops - b.complexity.flops;
}
