import { rungEpochs } from "./rungs.js";
import type { SearchDocument } from "./schema.js";
import { type Proposal, rankedTrainings, type Search, type SearchGround, type SeenTraining } from "./search.js";

/**
 * Successive halving (arXiv 1502.07943): all networks of a bracket for few epochs, the best part of them for more, down to
 * one part in full; then the next bracket. Each goes on from where it is.
 */
export function halving(options: Extract<SearchDocument, { kind: "halving" }>): Search {
  return {
    next(seen, ground) {
      const rungs = rungEpochs(options, ground.epochs);
      const bracket = bracketSizes(options.networks, options.eta, rungs.length);
      const started = seen.length % bracketTrials(options, ground.epochs);
      const own = started > 0 ? seen.slice(-started) : [];
      return own.length === 0 ? first(bracket[0], rungs[0], ground) : onward(own, bracket, rungs, ground);
    },
  };
}

/** Trainings of one bracket. */
export function bracketTrials(options: Extract<SearchDocument, { kind: "halving" }>, epochs: number): number {
  const sizes = bracketSizes(options.networks, options.eta, rungEpochs(options, epochs).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Networks of each rung of a bracket. */
function bracketSizes(networks: number, eta: number, rungs: number): number[] {
  return Array.from({ length: rungs }, (_, i) => Math.max(1, Math.floor(networks / eta ** i)));
}

function first(networks: number, epochs: number, ground: SearchGround): Proposal[] {
  return Array.from({ length: Math.min(networks, ground.left) }, () => ({ network: ground.draw(), epochs }));
}

function onward(
  own: readonly SeenTraining[],
  bracket: readonly number[],
  rungs: readonly number[],
  ground: SearchGround,
): Proposal[] {
  const rung = rungs.indexOf(own[own.length - 1].epochs);
  const before = own.filter(({ epochs }) => epochs === rungs[rung]);
  const places = Math.min(bracket[rung + 1], ground.left);
  const [epochs, kept] = [rungs[rung + 1], rankedTrainings(before).slice(0, places)];
  const promoted = kept.map(({ network, id }): Proposal => ({ network, epochs, continues: id }));
  // Where too many failed, others take their places, from nothing.
  const others = Array.from({ length: places - kept.length }, (): Proposal => ({ network: ground.draw(), epochs }));
  return [...promoted, ...others];
}
