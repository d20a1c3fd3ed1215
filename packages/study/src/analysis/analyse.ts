import { comparePopulations } from "./comparison.js";
import type {
  Comparison,
  EdfCurve,
  EfficiencyCurve,
  LineFit,
  ParameterRange,
  ParetoFront,
  Trend,
  WidthProfile,
} from "./data.js";
import { errorDistributions, normalisedDistributions, searchEfficiency } from "./distributions.js";
import { paretoFronts } from "./pareto.js";
import { parameterRanges } from "./ranges.js";
import { flopsTrends, lineFits, widthProfiles } from "./shapes.js";
import { byPopulation, type FinishedTrial } from "./trial.js";

/** What a population, or several side by side, have to say. */
export interface PopulationAnalysis {
  readonly edfs: readonly EdfCurve[];
  /** EDFs with complexity made equal; empty for a single population. */
  readonly normalised: readonly EdfCurve[];
  readonly comparisons: readonly Comparison[];
  readonly ranges: readonly { readonly population: string; readonly ranges: readonly ParameterRange[] }[];
  readonly fronts: readonly ParetoFront[];
  readonly efficiency: readonly EfficiencyCurve[];
  readonly profiles: readonly {
    readonly population: string;
    readonly best: readonly WidthProfile[];
    readonly worst: readonly WidthProfile[];
  }[];
  readonly lineFits: readonly LineFit[];
  readonly trends: readonly Trend[];
}

/** Every analysis of finished trials, from the same seed always the same. Ids must differ within a population. */
export function analyse(trials: readonly FinishedTrial[], seed = 0): PopulationAnalysis {
  const groups = [...byPopulation(trials)];
  return {
    edfs: errorDistributions(trials),
    normalised: normalisedDistributions(trials),
    comparisons: comparePopulations(trials, seed),
    ranges: groups.map(([population, members]) => ({ population, ranges: parameterRanges(members, seed) })),
    fronts: paretoFronts(trials),
    efficiency: searchEfficiency(trials),
    profiles: widthProfiles(trials),
    lineFits: lineFits(trials),
    trends: flopsTrends(trials),
  };
}
