import { leastSquares, RegnetError } from "@regnet/core";

/** What a network's latency is predicted from. */
export interface LatencyFeatures {
  readonly flops: number;
  readonly acts: number;
  /** Blocks: a stand-in for the number of kernels that start. */
  readonly depth: number;
}

/** One measured network. */
export interface LatencySample extends LatencyFeatures {
  readonly name: string;
  /** Milliseconds an image. */
  readonly milliseconds: number;
}

/**
 * t = `flops`·flops + `second`·acts (or √flops) + `depth`·blocks + `constant`, in milliseconds; no coefficient below zero.
 */
export interface LatencyModel {
  readonly flops: number;
  readonly second: number;
  readonly secondTerm: "acts" | "sqrtFlops";
  readonly depth: number;
  /** What a run costs whatever the network. */
  readonly constant: number;
}

/** A model with the evidence for it. */
export interface LatencyFit {
  readonly model: LatencyModel;
  /** Mean relative error when each network is predicted by a fit to the others. */
  readonly error: number;
  readonly points: readonly { readonly name: string; readonly measured: number; readonly predicted: number }[];
}

/** Fewest networks a fit is made from: its four coefficients and one to check them. */
export const FEWEST_SAMPLES = 5;

/**
 * Fits the latency model by least squares of the relative error, coefficients not below zero; of acts and √flops it
 * takes the term that predicts left-out networks better.
 *
 * @throws RegnetError for fewer than five samples
 */
export function fitLatency(samples: readonly LatencySample[]): LatencyFit {
  if (samples.length < FEWEST_SAMPLES) {
    throw new RegnetError(
      `invalid latency samples: got ${samples.length}, expected at least ${FEWEST_SAMPLES}; measure more networks`,
    );
  }
  const candidates = (["acts", "sqrtFlops"] as const).map((term) => ({
    model: fitWith(samples, term),
    error: leaveOneOut(samples, term),
  }));
  const { model, error } = candidates[0].error <= candidates[1].error ? candidates[0] : candidates[1];
  const points = samples.map((s) => ({ name: s.name, measured: s.milliseconds, predicted: predictLatency(model, s) }));
  return { model, error, points };
}

/** Milliseconds an image, by the model. */
export function predictLatency(model: LatencyModel, features: LatencyFeatures): number {
  const [flops, second, depth] = terms(features, model.secondTerm);
  return model.flops * flops + model.second * second + model.depth * depth + model.constant;
}

function terms({ flops, acts, depth }: LatencyFeatures, secondTerm: LatencyModel["secondTerm"]): number[] {
  return [flops, secondTerm === "acts" ? acts : Math.sqrt(flops), depth, 1];
}

function leaveOneOut(samples: readonly LatencySample[], term: LatencyModel["secondTerm"]): number {
  const errors = samples.map((sample, i) => {
    const model = fitWith(
      samples.filter((_, j) => j !== i),
      term,
    );
    return Math.abs(predictLatency(model, sample) / sample.milliseconds - 1);
  });
  return errors.reduce((sum, e) => sum + e, 0) / errors.length;
}

function fitWith(samples: readonly LatencySample[], secondTerm: LatencyModel["secondTerm"]): LatencyModel {
  const rows = samples.map((s) => terms(s, secondTerm).map((term) => term / s.milliseconds));
  const ones = new Array<number>(rows.length).fill(1);
  const [flops, second, depth, constant] = leastSquares(rows, ones, { nonNegative: true }).coefficients;
  return { flops, second, secondTerm, depth, constant };
}
