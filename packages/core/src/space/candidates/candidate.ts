import type { CountedInput } from "../../families/input.js";
import type { ModelSpec } from "../../families/model.js";
import type { Complexity } from "../../graph/complexity.js";
import type { Random } from "../../random/random.js";

/** Why a draw made no network, before any limit was looked at. */
export type Misdraw = "parameters" | "levels";

/**
 * The network drawn last from a space, in buffers that are used again: `draw`, and if it made a network, `count`; `key`
 * and `spec` are for the few that are kept.
 */
export interface Candidate {
  /** Stages and blocks of the network. */
  readonly stages: number;
  readonly depth: number;
  /** Draws a network. @returns the reason where the parameters drawn make none */
  draw(random: Random): Misdraw | undefined;
  /** Its complexity for such an image, valid until the next call. */
  count(input: CountedInput): Complexity;
  /** The same for two networks that are the same, whatever parameters made them. */
  key(): string;
  spec(): ModelSpec;
}
