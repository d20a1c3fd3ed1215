export { type AnytimeCurve, anytimeCurves, type SearchRun } from "./anytime.js";
export { analyse, type PopulationAnalysis } from "./analyse.js";
export {
  type Claim,
  type ClaimOptions,
  compare,
  comparePopulations,
  publishedClaims,
  SAME_MARGIN,
} from "./comparison.js";
export * from "./data.js";
export type { Decision, DecisionFacts } from "./decision.js";
export { errorDistributions, normalisedDistributions, searchEfficiency } from "./distributions.js";
export { type FromStudyOptions, finishedTrials, parametersOf, stagesOf } from "./fromStudy.js";
export { inferenceMemory } from "./memory.js";
export { metricOf, paretoFronts } from "./pareto.js";
export { FEWEST_FOR_RANGES, informative, isLogarithmic, parameterRanges, populationRanges } from "./ranges.js";
export { flopsTrends, growingTrends, lineFits, widthProfiles } from "./shapes.js";
export { byPopulation, type FinishedTrial, type Latency, ranked, type TrialComplexity } from "./trial.js";
