import type { PopulationNetwork } from "@regnet/core";
import { chooseEngine } from "@regnet/engine";
import { calibrateLatency, spreadOverFlops } from "../latency/calibrate.js";
import type { LatencyFit, LatencySample } from "../latency/model.js";
import { FEWEST_SAMPLES } from "../latency/model.js";
import { inputOf } from "../study/spec.js";
import { type DesignContext, type DesignImages, tellProgress } from "./context.js";
import type { DesignLimits } from "./limits.js";
import { type DesignSpace, drawAtMost } from "./space.js";
import type { StepResult } from "./steps.js";

/** Networks measured, and seconds for each: where a latency is asked for, and where it is only to be shown. */
const ASKED = { networks: 12, seconds: 0.25 };
const SHOWN = { networks: 8, seconds: 0.1 };
const DRAWN = 200;
/** Networks this much slower than the limit say nothing of those within. */
const FAR_BEYOND = 3;

/**
 * Fits the latency model to networks measured here: for the limit, where a latency is asked for, and for the report.
 * Undefined where none is asked for and the space holds too few networks to fit it to.
 */
export async function fitLatencyHere(
  context: DesignContext,
  images: DesignImages,
  { space, limits }: DesignSpace,
): Promise<StepResult<LatencyFit | undefined>> {
  const most = Math.max(...limits.map(({ latency }) => latency?.max ?? 0));
  const asked = limits.some(({ latency }) => latency !== undefined);
  const { networks: count, seconds } = asked ? ASKED : SHOWN;
  const engine = await chooseEngine(context.request.engine ?? "auto");
  const drawn = drawAtMost(space, images, widened(limits), { count: DRAWN, seed: context.request.seed });
  if (drawn.length < FEWEST_SAMPLES && !asked) return { value: undefined };
  const networks = spreadOverFlops(drawn, count).sort(byFlops);
  let slow = 0;
  const fit = await calibrateLatency(engine, networks, inputOf(images), {
    seconds,
    signal: context.signal,
    onMeasured: (sample, done, total) => {
      slow += isFarBeyond(sample, most) ? 1 : 0;
      tellProgress(context, "latency", { done, total });
    },
    enough: (measured) => slow >= 2 && measured >= FEWEST_SAMPLES + 1,
  });
  const { model, error, points } = fit;
  return { value: fit, decisions: [{ step: "latency", model, error, networks: points.length }] };
}

/** Of all budgets, and with room on both sides, for a model needs contrast. */
function widened(limits: readonly DesignLimits[]): DesignLimits {
  const flops = limits.flatMap((one) => one.flops ?? []);
  if (flops.length < limits.length) return {};
  const [low, high] = [Math.min(...flops.map((f) => f.min ?? 0)), Math.max(...flops.map((f) => f.max ?? 0))];
  return { flops: { min: low * 0.4, ...(high > 0 && { max: high * 1.6 }) } };
}

function isFarBeyond({ milliseconds }: LatencySample, most: number): boolean {
  return most > 0 && milliseconds > FAR_BEYOND * most;
}

function byFlops(a: PopulationNetwork, b: PopulationNetwork): number {
  return a.complexity.flops - b.complexity.flops;
}
