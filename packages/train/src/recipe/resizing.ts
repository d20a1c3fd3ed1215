import type { Recipe } from "./schema.js";

/** Sides are multiples of this, so that the maps of a network's stages hardly depend on rounding. */
function quantumOf(resolution: number): number {
  return resolution >= 96 ? 16 : 4;
}

/** The side of the training images once the share of a training is done, in pixels. */
export function sideAt({ resizing }: Pick<Recipe, "resizing">, resolution: number, share: number): number {
  if (!resizing) return resolution;
  const { from, to, until, steps } = resizing;
  const grown = until > 0 ? Math.min(1, Math.floor((Math.max(0, share) * steps) / until + 1e-9) / steps) : 1;
  return rounded(resolution * (from + (to - from) * grown), resolution);
}

function rounded(side: number, resolution: number): number {
  const quantum = quantumOf(resolution);
  if (side >= resolution) return resolution;
  return Math.min(resolution, Math.max(quantum, quantum * Math.round(side / quantum)));
}

/**
 * Mean cost of a step over the rest of a training, as a multiple of a step's with images of side `side`: a step's cost
 * grows as the area of its images.
 *
 * @param share of the training that is done
 */
export function meanCostAhead(recipe: Pick<Recipe, "resizing">, resolution: number, share: number, side: number) {
  const { resizing } = recipe;
  const area = (at: number) => (sideAt(recipe, resolution, at) / side) ** 2;
  if (!resizing || share >= resizing.until) return area(share);
  const edges = Array.from({ length: resizing.steps }, (_, i) => (resizing.until * (i + 1)) / resizing.steps);
  const stops = [share, ...edges.filter((edge) => edge > share), 1];
  const sum = stops.slice(1).reduce((total, end, i) => total + (end - stops[i]) * area((stops[i] + end) / 2), 0);
  return sum / (1 - share);
}
