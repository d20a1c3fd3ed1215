import {
  type CodedNetwork,
  type DrawOptions,
  NetworkCoder,
  type Random,
  RegnetError,
  randomFor,
  type SpaceDocument,
} from "@regnet/core";
import { asha } from "./asha.js";
import { evolution } from "./evolution.js";
import { halving } from "./halving.js";
import type { SearchDocument } from "./schema.js";
import type { Proposal, Search, SearchGround, SeenTraining } from "./search.js";
import { tpe } from "./tpe.js";

/** Draws in a row without a new network after which to give up. */
const PATIENCE = 1_000_000;

export interface ReplayOptions extends DrawOptions {
  readonly seed: number;
  /** Trainings in all. */
  readonly trials: number;
  /** Epochs of a full training. */
  readonly epochs: number;
  /** What became of a training: its error, or that it failed; undefined while it has not ended. */
  readonly outcome: (id: number) => { readonly error?: number } | undefined;
}

/** All that a search has asked for up to now. */
export interface Replay {
  readonly proposals: readonly Proposal[];
  /** Networks drawn, and those of them that were within the limits and new. */
  readonly drawn: number;
  readonly accepted: number;
}

/** The search that a document describes. */
export function searchOf(document: SearchDocument): Search {
  switch (document.kind) {
    case "evolution":
      return evolution(document);
    case "tpe":
      return tpe(document);
    case "halving":
      return halving(document);
    case "asha":
      return asha(document);
    default:
      throw new TypeError(`unreachable search: ${JSON.stringify(document satisfies never)}`);
  }
}

/**
 * Lets a search run from its beginning through everything that has ended, up to the first wave of which something has not:
 * the same results give the same trainings, wherever the study was interrupted.
 *
 * @throws RegnetError (code "unsatisfiable") where the space has no more networks within the limits
 */
export function replay(search: Search, space: SpaceDocument, options: ReplayOptions): Replay {
  const ground = new Ground(space, options);
  const proposals: Proposal[] = [];
  const seen: SeenTraining[] = [];
  for (let wave = 0; proposals.length < options.trials; wave++) {
    for (let id = seen.length; id < proposals.length; id++) {
      const outcome = options.outcome(id);
      if (outcome === undefined) return { proposals, drawn: ground.tried, accepted: ground.keys.size };
      seen.push({ ...proposals[id], id, error: outcome.error });
    }
    ground.begin(wave, options.trials - proposals.length);
    const next = search.next(seen, ground).slice(0, ground.left);
    if (next.length === 0) throw new TypeError("a search has to ask for something");
    proposals.push(...next);
  }
  return { proposals, drawn: ground.tried, accepted: ground.keys.size };
}

class Ground implements SearchGround {
  readonly keys = new Set<string>();
  random: Random = randomFor(0);
  left = 0;
  tried = 0;
  private readonly coder: NetworkCoder;

  constructor(
    private readonly space: SpaceDocument,
    private readonly options: ReplayOptions,
  ) {
    this.coder = new NetworkCoder(space, options);
  }

  get epochs(): number {
    return this.options.epochs;
  }

  /** Each wave has numbers of its own, so that how many one used does not move the next. */
  begin(wave: number, left: number): void {
    this.random = randomFor(this.options.seed, `search ${wave} of ${this.space.name}`);
    this.left = left;
  }

  draw(): CodedNetwork {
    for (let i = 0; i < PATIENCE; i++) {
      const network = this.decode([]);
      if (network) return this.take(network);
    }
    const text = `${this.space.name} has no more networks within the limits after ${this.keys.size}`;
    throw new RegnetError(`${text}: ask for fewer trials, or widen the limits`, "unsatisfiable", "trials");
  }

  decode(genes: readonly number[]): CodedNetwork | undefined {
    this.tried++;
    const network = this.coder.decode(genes, this.random);
    return network && !this.keys.has(network.key) ? network : undefined;
  }

  take(network: CodedNetwork): CodedNetwork {
    this.keys.add(network.key);
    return network;
  }
}
