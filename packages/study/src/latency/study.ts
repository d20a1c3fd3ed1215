import type { Latency } from "../analysis/trial.js";
import { inputOf } from "../study/spec.js";
import type { Study } from "../study/study.js";
import { doneTrials } from "../study/studyIndex.js";
import type { MeasureNetwork } from "./measure.js";
import type { LatencyFit } from "./model.js";
import { type PopulationLatencyOptions, populationLatency, type TrainedForLatency } from "./population.js";

/** How long the networks of studies take. */
export interface StudyLatency {
  readonly fit: LatencyFit;
  /** Undefined for trials that are not done. */
  of(study: Study, trial: number): Latency | undefined;
}

/**
 * The latency of every done trial of the studies, as `populationLatency` finds it for all of them as one
 * population.
 *
 * @throws RegnetError for fewer than five done trials
 */
export async function studyLatency(
  measure: MeasureNetwork,
  studies: readonly Study[],
  options: PopulationLatencyOptions = {},
): Promise<StudyLatency> {
  const trials = studies.flatMap((study) =>
    doneTrials(study).flatMap(({ trial, result }) => {
      if (result.state !== "done") return [];
      const { model: spec, complexity } = trial;
      const network: TrainedForLatency = { spec, complexity, input: inputOf(study.spec), error: result.error };
      return [{ key: keyOf(study, trial.id), network }];
    }),
  );
  const { fit, latencies } = await populationLatency(
    measure,
    trials.map(({ network }) => network),
    options,
  );
  const known = new Map(trials.map(({ key }, i) => [key, latencies[i]]));
  return { fit, of: (study, trial) => known.get(keyOf(study, trial)) };
}

function keyOf({ folder }: Study, trial: number): string {
  return `${folder}\n${trial}`;
}
