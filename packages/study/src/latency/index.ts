export { type CalibrateOptions, calibrateLatency, latencyFeatures, spreadOverFlops } from "./calibrate.js";
export { type Contender, type FrontOptions, measureFront } from "./front.js";
export {
  type MeasuredLatency,
  type MeasureNetwork,
  type MeasureOptions,
  measureLatency,
  measureOn,
} from "./measure.js";
export {
  FEWEST_SAMPLES,
  fitLatency,
  type LatencyFeatures,
  type LatencyFit,
  type LatencyModel,
  type LatencySample,
  predictLatency,
} from "./model.js";
export {
  type PopulationLatency,
  type PopulationLatencyOptions,
  populationLatency,
  type TrainedForLatency,
} from "./population.js";
export { fitSpaceLatency, type SpaceLatencyOptions } from "./space.js";
export { type StudyLatency, studyLatency } from "./study.js";
