export { type CalibrateOptions, calibrateLatency, latencyFeatures, spreadOverFlops } from "./calibrate.js";
export { type MeasuredLatency, type MeasureOptions, measureLatency } from "./measure.js";
export {
  FEWEST_SAMPLES,
  fitLatency,
  type LatencyFeatures,
  type LatencyFit,
  type LatencyModel,
  type LatencySample,
  predictLatency,
} from "./model.js";
