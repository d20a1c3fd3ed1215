export type { Advice } from "./advice.js";
export { measureApart } from "./apart.js";
export { type LayerProfile, multiplyAdds, profileLayers } from "./layers.js";
export { type Measurement, type MeasureOptions, measure } from "./measure.js";
export { ratio, summarise, type Timing } from "./statistics.js";
export { timeRuns } from "./timeRuns.js";
export { fillInputs, type Workload, workloadGraph } from "./workload.js";
