import { below, type CodedNetwork } from "@regnet/core";
import type { SearchDocument } from "./schema.js";
import { drawn, type Proposal, rankedTrainings, type Search, type SearchGround, type SeenTraining } from "./search.js";

/** Children of one parent that are tried before one gene more is changed. */
const TRIES = 100;

/** Regularised evolution (arXiv 1802.01548, algorithm 1), a wave of children at a time. */
export function evolution({ population, sample, wave }: Extract<SearchDocument, { kind: "evolution" }>): Search {
  return {
    next(seen, ground) {
      if (seen.length < population) return drawn(ground, population - seen.length);
      const alive = seen.slice(-population);
      return Array.from({ length: Math.min(wave, ground.left) }, (): Proposal => {
        const parent = parentOf(alive, sample, ground);
        return { network: parent ? childOf(parent, ground) : ground.draw(), epochs: ground.epochs };
      });
    },
  };
}

/** The best of a few, drawn without putting back. */
function parentOf(alive: readonly SeenTraining[], sample: number, { random }: SearchGround): CodedNetwork | undefined {
  const rest = [...alive];
  const chosen = Array.from(
    { length: Math.min(sample, rest.length) },
    () => rest.splice(below(random, rest.length), 1)[0],
  );
  return rankedTrainings(chosen)[0]?.network;
}

/** The parent with one gene drawn anew; with more of them where no such network is within the limits and new. */
function childOf({ genes }: CodedNetwork, ground: SearchGround): CodedNetwork {
  for (let changes = 1; changes <= genes.length; changes++) {
    for (let tried = 0; tried < TRIES; tried++) {
      const child = [...genes];
      for (let i = 0; i < changes; i++) child[below(ground.random, genes.length)] = ground.random.next() >>> 0;
      const network = ground.decode(child);
      if (network) return ground.take(network);
    }
  }
  return ground.draw();
}
