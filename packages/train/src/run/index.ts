export { makeFolder, writeAtomically } from "./files.js";
export { type ForeignNetwork, readForeign } from "./foreign.js";
export { type DownloadedWeights, downloadWeights, isHubName } from "./hub.js";
export { importRun, type NetworkToImport } from "./importRun.js";
export { RunLayout } from "./layout.js";
export { readMetrics } from "./metrics.js";
export { type RunInfo, readRun } from "./read.js";
export { isRun, type RunSpec, readRunSpec } from "./spec.js";
export { readWeightsFile } from "./weightsFile.js";
