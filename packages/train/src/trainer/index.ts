export type { HeldOutScore } from "./heldOut.js";
export {
  type FinderHooks,
  type FinderOptions,
  type FinderPoint,
  findLearningRate,
  type LearningRateFinding,
} from "./finder.js";
export type {
  EpochMetrics,
  FineTuneOptions,
  Pause,
  RunResult,
  StepProgress,
  TrainHooks,
  TrainOptions,
  TrainStart,
} from "./options.js";
export { type Origin, readOrigin } from "./origin.js";
export { resumeOptions } from "./resume.js";
export { train } from "./train.js";
export { type MeasureTrainingOptions, measureTraining, type TrainingSpeed } from "./speed.js";
