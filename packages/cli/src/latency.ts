import type { NetworkOptions, PopulationOptions, SpaceDocument } from "@regnet/core";
import type { LatencyFit } from "@regnet/study";
import { parseLatency } from "./design/budgets.js";
import { LiveLine } from "./liveLine.js";
import type { Range } from "./quantities.js";

/** A range of milliseconds; a number is the most. */
export function parseLatencyLimit(text: string): Range {
  const latency = parseLatency(text, "--latency");
  return typeof latency === "number" ? { max: latency } : latency;
}

/** Measures a dozen networks of the space on this device and fits what predicts the others; says how well. */
export async function fitLatencyOf(
  space: SpaceDocument,
  input: NetworkOptions,
  limits: PopulationOptions["limits"],
  { seed, most }: { readonly seed?: number; readonly most?: number },
): Promise<LatencyFit> {
  const { fitSpaceLatency, measureOn } = await import("@regnet/study");
  const { chooseEngine } = await import("@regnet/engine");
  const line = new LiveLine();
  const fit = await fitSpaceLatency(measureOn(chooseEngine(), { seconds: SECONDS }), space, input, {
    ...{ limits, seed, most },
    onMeasured: (done, total) => line.show(`measuring latency: ${done} of ${total} measurements`),
  });
  const off = `${(100 * fit.error).toFixed(0)} %`;
  line.line(`latency predicted from ${fit.points.length} networks measured here, off by ${off} on average`);
  return fit;
}

/** For each take of a network. */
const SECONDS = 0.1;
