export { analyse, type PopulationAnalysis } from "./analyse.js";
export { type Claim, compare, comparePopulations, publishedClaims, SAME_MARGIN } from "./comparison.js";
export * from "./data.js";
export type { Decision, DecisionFacts, NarrowedRange } from "./decision.js";
export { errorDistributions, normalisedDistributions, searchEfficiency } from "./distributions.js";
export { metricOf, paretoFronts } from "./pareto.js";
export { FEWEST_FOR_RANGES, informative, isLogarithmic, parameterRanges } from "./ranges.js";
export { flopsTrends, lineFits, widthProfiles } from "./shapes.js";
export { byPopulation, type FinishedTrial, ranked, type TrialComplexity } from "./trial.js";
