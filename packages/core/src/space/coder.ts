import type { Random } from "../random/random.js";
import { NetworkDraft } from "./draft.js";
import type { DrawOptions, PopulationNetwork } from "./sample.js";
import type { SpaceDocument } from "./schema.js";

/** A network of a space, and what drew it. */
export interface CodedNetwork extends PopulationNetwork {
  /**
   * The random numbers that drew it, one for each parameter that the space leaves open, as integers below 2³². Divided by
   * 2³² each is the parameter's place in its own distribution: the space is a cube in which every draw is equally likely.
   */
  readonly genes: readonly number[];
  /** The same for two networks that are the same, whatever genes made them. */
  readonly key: string;
}

/** Draws networks of a space within limits one at a time, with their genes, and makes networks of genes. */
export class NetworkCoder {
  private readonly draft: NetworkDraft;

  /** @throws RegnetError for a space or an image that makes no sense */
  constructor(
    space: SpaceDocument,
    private readonly options: DrawOptions,
  ) {
    this.draft = new NetworkDraft(space, options);
  }

  /** @returns the network, or undefined where what was drawn breaks a limit */
  draw(random: Random): CodedNetwork | undefined {
    return this.decode([], random);
  }

  /** @param random draws the genes that lack, where others than before decide how many there are */
  decode(genes: readonly number[], random: Random): CodedNetwork | undefined {
    const replay = new Replay(genes, random);
    if (this.draft.draw(replay) !== undefined) return undefined;
    const { complexity } = this.draft;
    const network = { spec: this.draft.spec(), complexity, genes: replay.used, key: this.draft.key() };
    return this.options.accept?.(network) === undefined ? network : undefined;
  }
}

/** Gives back numbers that were drawn before, then goes on with new ones. */
class Replay implements Random {
  readonly used: number[] = [];

  constructor(
    private readonly genes: readonly number[],
    private readonly random: Random,
  ) {}

  next(): number {
    const { length } = this.used;
    const gene = (length < this.genes.length ? this.genes[length] : this.random.next()) >>> 0;
    this.used.push(gene);
    return gene | 0;
  }

  clone(): Random {
    const copy = new Replay(this.genes, this.random.clone());
    copy.used.push(...this.used);
    return copy;
  }

  getState(): readonly number[] {
    return [...this.used, ...this.random.getState()];
  }
}
