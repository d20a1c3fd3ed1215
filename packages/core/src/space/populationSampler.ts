import { invalid } from "../errors.js";
import { type Random, randomFor } from "../random/random.js";
import { NetworkDraft } from "./draft.js";
import { explainPopulation } from "./explain.js";
import type { Population, PopulationAcceptance, PopulationNetwork, PopulationOptions } from "./sample.js";
import type { SpaceDocument } from "./schema.js";

const PATIENCE = 1_000_000;

/**
 * Draws a population a part at a time, so that a caller can show progress, or stop. `samplePopulation` is the same in
 * one go.
 */
export class PopulationSampler {
  readonly networks: PopulationNetwork[] = [];
  private drawn = 0;
  private sinceLast = 0;
  private readonly rejected = new Map<string, number>();
  private readonly keys = new Set<string>();
  private readonly draft: NetworkDraft;
  private readonly random: Random;

  /** @throws RegnetError for a space, a count or an image that makes no sense */
  constructor(
    readonly space: SpaceDocument,
    readonly options: PopulationOptions,
  ) {
    const { count, seed = 0, patience = PATIENCE } = options;
    if (!Number.isInteger(count) || count < 1) throw invalid("count", count, "an integer of at least 1");
    if (!Number.isSafeInteger(seed)) throw invalid("seed", seed, "an integer");
    if (!(patience >= 1)) throw invalid("patience", patience, "at least 1");
    this.draft = new NetworkDraft(space, options);
    this.random = randomFor(seed, `population of ${space.name}`);
  }

  /** Least and greatest value of each quantity among the networks that were looked at. */
  get seen(): NetworkDraft["seen"] {
    return this.draft.seen;
  }

  /** True once there are enough networks, or too many draws in a row gave none. */
  get finished(): boolean {
    const { count, patience = PATIENCE } = this.options;
    return this.networks.length >= count || this.sinceLast >= patience;
  }

  get acceptance(): PopulationAcceptance {
    return { drawn: this.drawn, accepted: this.networks.length, rejected: Object.fromEntries(this.rejected) };
  }

  /**
   * What was drawn.
   *
   * @throws RegnetError (code "unsatisfiable") with the limit that stands in the way, where it is less than was asked for
   */
  population(): Population {
    const { networks, acceptance } = this;
    if (networks.length < this.options.count) throw explainPopulation(this);
    return { networks, acceptance };
  }

  /** Draws at most so many networks more. @returns whether it is finished */
  advance(draws: number): boolean {
    for (let i = 0; i < draws && !this.finished; i++) {
      this.drawn++;
      this.sinceLast++;
      const reason = this.draw();
      if (reason === undefined) this.sinceLast = 0;
      else this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
    }
    return this.finished;
  }

  private draw(): string | undefined {
    const { draft } = this;
    const reason = draft.draw(this.random);
    if (reason !== undefined) return reason;
    const key = draft.key();
    if (this.keys.has(key)) return "duplicate";
    const network = { spec: draft.spec(), complexity: draft.complexity };
    const refused = this.options.accept?.(network);
    if (refused !== undefined) return refused;
    this.keys.add(key);
    this.networks.push(network);
    return undefined;
  }
}
