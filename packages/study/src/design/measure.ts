import type { Complexity, ModelSpec } from "@regnet/core";
import type { FinishedTrial, Latency } from "../analysis/trial.js";
import { latencyFeatures } from "../latency/calibrate.js";
import { measureFront } from "../latency/front.js";
import { type LatencyModel, predictLatency } from "../latency/model.js";
import { leastOfTakes } from "../latency/takes.js";
import { inputOf } from "../study/spec.js";
import { type DesignContext, type DesignImages, measureHere } from "./context.js";
import type { StepResult } from "./steps.js";

/** Milliseconds an image, by the candidate's number. */
export type MeasuredTrials = readonly (readonly [trial: number, milliseconds: number])[];

/** Seconds for each of a network's takes. */
const SECONDS = 0.07;
/** Share of the design's time after which the front stays as it is, but for the seconds that it gets anyway. */
const MOST_SHARE = 0.01;
const LEAST_SECONDS = 1;

/** A trained network whose latency may be measured. */
export interface Candidate {
  readonly id: number;
  readonly error: number;
  readonly spec: ModelSpec;
  readonly complexity: Complexity;
}

/** Measures the trained networks on the front of error against latency, where there is a model that tells which they are. */
export async function measureFrontHere(
  context: DesignContext,
  images: DesignImages,
  model: LatencyModel | undefined,
  candidates: readonly Candidate[],
): Promise<StepResult<MeasuredTrials>> {
  if (!model) return { value: [] };
  const { clock, request } = context;
  const end = clock.spent + Math.max(LEAST_SECONDS, MOST_SHARE * request.time);
  const predictions = candidates.map((candidate) => predictLatency(model, latencyFeatures(candidate)));
  const latencies = await measureFront(
    candidates.map(({ error }, i) => ({ error, latency: { milliseconds: predictions[i], from: "predicted" } })),
    (position) => latencyHere(context, images, candidates[position].spec),
    { enough: () => clock.spent > end },
  );
  const measured = latencies.flatMap(({ milliseconds, from }, i) =>
    from === "measured"
      ? [{ id: candidates[i].id, milliseconds, off: Math.abs(predictions[i] / milliseconds - 1) }]
      : [],
  );
  const error = measured.reduce((sum, { off }) => sum + off, 0) / Math.max(1, measured.length);
  return {
    value: measured.map(({ id, milliseconds }) => [id, milliseconds]),
    decisions: [{ step: "measure", measured: measured.length, networks: candidates.length, error }],
  };
}

/** Milliseconds an image takes here. */
export function latencyHere(context: DesignContext, images: DesignImages, spec: ModelSpec): Promise<number> {
  context.signal.throwIfAborted();
  return leastOfTakes(() => measureHere(context, SECONDS)(spec, inputOf(images)));
}

/** The trials with what was measured in place of what was predicted. */
export function withMeasured(trials: readonly FinishedTrial[], measured: MeasuredTrials): FinishedTrial[] {
  const byId = new Map(measured);
  return trials.map((trial) => {
    const milliseconds = byId.get(trial.id);
    const latency: Latency | undefined =
      milliseconds === undefined ? trial.latency : { milliseconds, from: "measured" };
    return { ...trial, latency };
  });
}
