import { rungEpochs } from "./rungs.js";
import type { SearchDocument } from "./schema.js";
import { type Proposal, rankedTrainings, type Search, type SeenTraining } from "./search.js";

/**
 * Asynchronous successive halving (arXiv 1810.05934, algorithm 2): for every free place, the best network that is in the
 * upper part of its rung and has not gone on, of the highest such rung; where there is none, a new one. Places are given a
 * wave at a time.
 */
export function asha(options: Extract<SearchDocument, { kind: "asha" }>): Search {
  return {
    next(seen, ground) {
      const rungs = rungEpochs(options, ground.epochs);
      const promotable = rungs
        .slice(0, -1)
        .map((epochs, rung) => promotableAt(seen, epochs, rungs[rung + 1], options.eta))
        .reverse()
        .flat();
      return Array.from(
        { length: Math.min(options.wave, ground.left) },
        (): Proposal => promotable.shift() ?? { network: ground.draw(), epochs: rungs[0] },
      );
    },
  };
}

function promotableAt(seen: readonly SeenTraining[], epochs: number, next: number, eta: number): Proposal[] {
  const gone = new Set(seen.flatMap(({ continues }) => continues ?? []));
  const rung = rankedTrainings(seen.filter((one) => one.epochs === epochs));
  return rung
    .slice(0, Math.floor(rung.length / eta))
    .filter(({ id }) => !gone.has(id))
    .map(({ network, id }) => ({ network, epochs: next, continues: id }));
}
