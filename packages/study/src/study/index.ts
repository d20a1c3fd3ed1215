export { readResult, readTrial, readTrials } from "./read.js";
export {
  parseStudySpec,
  type StudyLimits,
  type StudySpec,
  type StudySpecInput,
  studySpecSchema,
} from "./spec.js";
export { StorageError } from "./storage.js";
export { type Acceptance, createStudy, openStudy, type Sampled, type Study } from "./study.js";
export type {
  DoneResult,
  EpochMetrics,
  FailedResult,
  Trial,
  TrialRecord,
  TrialResult,
  TrialState,
} from "./trial.js";
