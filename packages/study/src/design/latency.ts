import { RegnetError } from "@regnet/core";
import type { LatencyFit } from "../latency/model.js";
import { fitSpaceLatency } from "../latency/space.js";
import { inputOf } from "../study/spec.js";
import { type DesignContext, type DesignImages, measureHere, tellProgress } from "./context.js";
import type { DesignLimits } from "./limits.js";
import type { DesignSpace } from "./space.js";
import type { StepResult } from "./steps.js";

/** Networks measured, and seconds for each of their takes: where a latency is asked for, and where it is only to be shown. */
const ASKED = { networks: 12, seconds: 0.1 };
const SHOWN = { networks: 8, seconds: 0.04 };

/**
 * Fits the latency model to networks measured here: for the limit, where a latency is asked for, and for the report.
 * Undefined where none is asked for and the space holds too few networks to fit it to.
 */
export async function fitLatencyHere(
  context: DesignContext,
  images: DesignImages,
  { space, limits }: DesignSpace,
): Promise<StepResult<LatencyFit | undefined>> {
  const asked = limits.some(({ latency }) => latency !== undefined);
  const { networks, seconds } = asked ? ASKED : SHOWN;
  const most = Math.max(...limits.map(({ latency }) => latency?.max ?? 0));
  try {
    const fit = await fitSpaceLatency(measureHere(context, seconds), space, inputOf(images), {
      ...{ networks, seed: context.request.seed, limits: joined(limits), signal: context.signal },
      ...(most > 0 && { most }),
      onMeasured: (done, total) => tellProgress(context, "latency", { done, total }),
    });
    const { model, error, points } = fit;
    return { value: fit, decisions: [{ step: "latency", model, error, networks: points.length }] };
  } catch (error) {
    if (asked || !(error instanceof RegnetError)) throw error;
    return { value: undefined };
  }
}

/** The flops of all budgets together; none where one of them has none. */
function joined(limits: readonly DesignLimits[]): DesignLimits {
  const flops = limits.flatMap((one) => one.flops ?? []);
  if (flops.length < limits.length) return {};
  const max = Math.max(...flops.map((range) => range.max ?? Number.POSITIVE_INFINITY));
  const min = Math.min(...flops.map((range) => range.min ?? 0));
  return { flops: { min, ...(Number.isFinite(max) && { max }) } };
}
