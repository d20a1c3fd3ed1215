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
import { populationRanges } from "./ranges.js";
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
  const fits = lineFits(trials);
  return {
    edfs: errorDistributions(trials, seed),
    normalised: normalisedDistributions(trials, seed),
    comparisons: comparePopulations(trials, seed),
    ranges: Array.from(byPopulation(trials), ([population, members]) => {
      const own = fits.filter((fit) => fit.population === population);
      return { population, ranges: populationRanges(members, own, seed) };
    }),
    fronts: paretoFronts(trials),
    efficiency: searchEfficiency(trials),
    profiles: widthProfiles(trials),
    lineFits: fits,
    trends: flopsTrends(trials, seed),
  };
}
