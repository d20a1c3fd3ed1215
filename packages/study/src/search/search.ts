import type { CodedNetwork, Random } from "@regnet/core";

/** What a search asks for: a network, trained from nothing or on from where an earlier training left it. */
export interface Proposal {
  readonly network: CodedNetwork;
  /** Epochs that it will have been trained for, those that it goes on from included. */
  readonly epochs: number;
  /** Number of the training whose state it goes on from. */
  readonly continues?: number;
}

/** A training that was asked for and has ended. */
export interface SeenTraining extends Proposal {
  /** From 0, in the order of asking. */
  readonly id: number;
  /** Validation error where it ended; none where it failed. */
  readonly error?: number;
}

/** What a search has to draw from. */
export interface SearchGround {
  readonly random: Random;
  /** Epochs of a full training. */
  readonly epochs: number;
  /** Trainings that may still be asked for. */
  readonly left: number;
  /** Takes a network drawn from the space within the limits, as no other was. */
  draw(): CodedNetwork;
  /** The network that genes make; none where it breaks a limit or was taken before. */
  decode(genes: readonly number[]): CodedNetwork | undefined;
  /** Takes a network that was decoded: no other is to be the same. */
  take(network: CodedNetwork): CodedNetwork;
}

/**
 * Chooses what a study trains next, wave by wave: all that was asked for before has ended. The same past and the same
 * random numbers give the same wave, so that a search can be interrupted anywhere and replayed.
 */
export interface Search {
  /** The next trainings, which may run at once: at least one, and at most `ground.left`. */
  next(seen: readonly SeenTraining[], ground: SearchGround): readonly Proposal[];
}

/** From best to worst; what failed is not among them, and equal errors keep their order. */
export function rankedTrainings(seen: readonly SeenTraining[]): (SeenTraining & { readonly error: number })[] {
  return seen
    .filter((one): one is SeenTraining & { error: number } => one.error !== undefined)
    .sort((a, b) => a.error - b.error || a.id - b.id);
}

/** So many networks drawn from the space, trained in full. */
export function drawn(ground: SearchGround, count: number): Proposal[] {
  return Array.from({ length: Math.min(count, ground.left) }, () => ({
    network: ground.draw(),
    epochs: ground.epochs,
  }));
}
