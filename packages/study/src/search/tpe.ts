import { type CodedNetwork, type Random, uniform } from "@regnet/core";
import type { SearchDocument } from "./schema.js";
import { drawn, type Proposal, rankedTrainings, type Search, type SearchGround } from "./search.js";

const SCALE = 2 ** 32;
/** Draws from the estimate for each candidate wanted, where most of them break a limit. */
const TRIES = 50;
/** Kernels are no narrower than this share of what evenly spread ones would have. */
const NARROWEST = 0.1;

/**
 * A tree-structured Parzen estimator (Bergstra et al. 2011, §4): one density through the good networks, one through the
 * others, a parameter at a time, both mixed with the space's own; of networks drawn from the first the one with the
 * greatest ratio of the two is taken. Genes are places in the parameters' own distributions, so the space's is even.
 */
export function tpe({ startup, good, candidates, wave }: Extract<SearchDocument, { kind: "tpe" }>): Search {
  return {
    next(seen, ground) {
      if (seen.length < startup) return drawn(ground, startup - seen.length);
      const ranked = rankedTrainings(seen).map(({ network }) => network);
      const count = Math.max(1, Math.ceil(good * ranked.length));
      const [best, others] = [ranked.slice(0, count), ranked.slice(count)];
      return Array.from({ length: Math.min(wave, ground.left) }, (): Proposal => {
        const network = best.length > 0 ? promising(best, others, candidates, ground) : undefined;
        return { network: network ?? ground.draw(), epochs: ground.epochs };
      });
    },
  };
}

function promising(
  best: readonly CodedNetwork[],
  others: readonly CodedNetwork[],
  candidates: number,
  ground: SearchGround,
): CodedNetwork | undefined {
  const width = best[0].genes.length;
  const densities = Array.from({ length: width }, (_, i) => [densityAt(best, i), densityAt(others, i)] as const);
  let [found, taken, most] = [0, undefined as CodedNetwork | undefined, Number.NEGATIVE_INFINITY];
  for (let tried = 0; tried < TRIES * candidates && found < candidates; tried++) {
    const genes = densities.map(([density]) => Math.floor(density.draw(ground.random) * SCALE));
    const network = ground.decode(genes);
    if (!network) continue;
    found++;
    const ratio = densities.reduce((sum, [l, g], i) => {
      const x = network.genes[i] / SCALE;
      return sum + Math.log(l.at(x)) - Math.log(g.at(x));
    }, 0);
    if (ratio > most) [taken, most] = [network, ratio];
  }
  return taken && ground.take(taken);
}

function densityAt(networks: readonly CodedNetwork[], gene: number): Parzen {
  return new Parzen(networks.flatMap(({ genes }) => (gene < genes.length ? [genes[gene] / SCALE] : [])));
}

/** Normal kernels at points of [0, 1), cut at its ends, mixed in equal parts with the even density. */
class Parzen {
  private readonly kernels: readonly { readonly mean: number; readonly deviation: number; readonly mass: number }[];

  constructor(points: readonly number[]) {
    const sorted = [...points].sort((a, b) => a - b);
    const least = NARROWEST / (points.length + 1);
    this.kernels = sorted.map((mean, i) => {
      const reach = Math.max(mean - (sorted[i - 1] ?? 0), (sorted[i + 1] ?? 1) - mean);
      const deviation = Math.min(1, Math.max(least, reach));
      return { mean, deviation, mass: cdf((1 - mean) / deviation) - cdf(-mean / deviation) };
    });
  }

  at(x: number): number {
    const sum = this.kernels.reduce((all, { mean, deviation, mass }) => {
      const z = (x - mean) / deviation;
      return all + Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI) * mass);
    }, 1);
    return sum / (this.kernels.length + 1);
  }

  draw(random: Random): number {
    const which = Math.floor(uniform(random) * (this.kernels.length + 1));
    const kernel = this.kernels[which];
    if (!kernel) return uniform(random);
    for (;;) {
      const x = kernel.mean + kernel.deviation * normal(random);
      if (x >= 0 && x < 1) return x;
    }
  }
}

function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(random)));
  return radius * Math.cos(2 * Math.PI * uniform(random));
}

/** Of the standard normal distribution, to seven digits (Abramowitz and Stegun 26.2.17). */
function cdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}
