export type {
  EpochMetrics,
  FineTuneOptions,
  RunResult,
  StepProgress,
  TrainHooks,
  TrainOptions,
  TrainStart,
} from "./options.js";
export { train } from "./train.js";
