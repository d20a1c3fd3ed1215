export { bracketTrials, searchSchema } from "../search/index.js";
export { type Accept, acceptWithin } from "./accept.js";
export { activeCoordinator, requestStop } from "./coordinator.js";
export { readMetrics } from "./metrics.js";
export { newStudy } from "./newStudy.js";
export { readResult, readTrial, readTrials } from "./read.js";
export { restingStatus } from "./rest.js";
export { runSingleTrial } from "./runSingleTrial.js";
export { type RunPlan, type RunStudyOptions, type RunSummary, runStudy } from "./runStudy.js";
export { MOST_ATTEMPTS, runTrial, type TrialOptions, type TrialOutcome } from "./runTrial.js";
export { type Population, type SampledNetwork, type Sampler, sampleStudy } from "./sample.js";
export { spaceOf, spaceSampler } from "./sampleSpace.js";
export {
  parseStudySpec,
  type StudyLimits,
  type StudySpec,
  type StudySpecInput,
  studySpecSchema,
} from "./spec.js";
export { type RunningTrial, type StudyStatus, studyStatus, trialState } from "./status.js";
export { StorageError } from "./storage.js";
export { type Acceptance, createStudy, openStudy, requireSampled, type Sampled, type Study } from "./study.js";
export { doneTrials, StudyIndex, type TrialQuery, type TrialSort } from "./studyIndex.js";
export type {
  DoneResult,
  EpochMetrics,
  FailedResult,
  Trial,
  TrialRecord,
  TrialResult,
  TrialState,
} from "./trial.js";
