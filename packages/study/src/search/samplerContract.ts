import { findSpace, NetworkCoder, randomFor, RegnetError } from "@regnet/core";
import { replay } from "./replay.js";
import type { Proposal, Search } from "./search.js";

/** `describe` and `it` of vitest, or of any runner in that manner. */
export interface ContractRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => void): void;
}

const INPUT = { resolution: 32, channels: 3, classes: 10 };
const SPACES = ["RegNetX", "AnyNetXE", "ConvNeXt"];
const FLOPS = { min: 2e6, max: 60e6 };
const TRIALS = 60;
const EPOCHS = 27;

type Outcomes = (proposal: Proposal, id: number) => { readonly error?: number };

/**
 * The tests that every search passes, whatever it makes of its results: it keeps to the space, the limits and what may be
 * gone on with, comes through failures, and can be replayed from any point. A search's own test file hands itself and its
 * runner to this function:
 *
 *     samplerContract("mine", () => mySearch(), { describe, it });
 */
export function samplerContract(name: string, create: () => Search, { describe, it }: ContractRunner): void {
  describe(`${name}, as a search`, () => {
    for (const space of SPACES) {
      it(`asks for new networks of ${space} within the limits, and goes on with what can be gone on with`, () =>
        keepsRules(space, finish(space, create())));
    }

    it("asks for as many trainings as there may be, and for no more", () => {
      for (const trials of [1, 2, 5, 17, TRIALS]) {
        expect(finish("RegNetX", create(), { trials }).length === trials, `${trials} trainings`);
      }
    });

    it("comes through failures, of some trainings or of all", () => {
      const some = finish("RegNetX", create(), { outcome: (_, id) => (id % 3 === 1 ? {} : { error: 0.5 }) });
      keepsRules("RegNetX", some, (id) => id % 3 === 1);
      const none = finish("RegNetX", create(), { outcome: () => ({}) });
      expect(none.length === TRIALS, "a search in which all fail goes on");
      expect(
        none.every(({ continues }) => continues === undefined),
        "what failed is not gone on with",
      );
    });

    it("asks for the same again, whenever it was interrupted", () => {
      const whole = finish("RegNetX", create());
      for (let ended = 0; ended < TRIALS; ended += 7) {
        const search = create();
        const part = run("RegNetX", search, { ended });
        expect(part.length > ended || part.length === TRIALS, "it goes on from what has ended");
        same(part, whole.slice(0, part.length));
        same(finish("RegNetX", search), whole);
      }
    });

    it("asks for other networks with another seed", () => {
      const [a, b] = [1, 2].map((seed) => finish("RegNetX", create(), { seed }));
      expect(
        a.some(({ network }, i) => network.key !== b[i].network.key),
        "seeds matter",
      );
    });

    it("says so where the space has no more networks", () => {
      const flops = { min: 1e9, max: 1.0000001e9 };
      try {
        finish("RegNetX", create(), { flops });
      } catch (error) {
        expect(error instanceof RegnetError && error.code === "unsatisfiable", String(error));
        return;
      }
      throw new Error("it found networks where there are none");
    });
  });
}

interface RunOptions {
  readonly trials?: number;
  readonly seed?: number;
  readonly outcome?: Outcomes;
  readonly flops?: { readonly min: number; readonly max: number };
  /** Trainings that have ended. */
  readonly ended?: number;
}

/** Runs it to its end, with errors that fall with the flops and the epochs. */
function finish(space: string, search: Search, options: RunOptions = {}): readonly Proposal[] {
  return run(space, search, { ...options, ended: Number.POSITIVE_INFINITY });
}

function run(space: string, search: Search, options: RunOptions): readonly Proposal[] {
  const { trials = TRIALS, seed = 0, outcome = errorOf, flops = FLOPS, ended = 0 } = options;
  let known: readonly Proposal[] = [];
  const all = { ...INPUT, limits: { flops }, seed, trials, epochs: EPOCHS };
  for (;;) {
    const outcomes = known;
    const { proposals } = replay(search, findSpace(space), {
      ...all,
      outcome: (id) => (id < Math.min(ended, outcomes.length) ? outcome(outcomes[id], id) : undefined),
    });
    if (proposals.length === known.length) return proposals;
    known = proposals;
  }
}

function errorOf({ network, epochs }: Proposal): { error: number } {
  const { flops, params } = network.complexity;
  return { error: 0.2 + 0.5 * (flops / 1e6) ** -0.3 + 0.2 / epochs + ((params % 97) / 97) * 0.02 };
}

function keepsRules(
  space: string,
  proposals: readonly Proposal[],
  failed: (id: number) => boolean = () => false,
): void {
  const coder = new NetworkCoder(findSpace(space), { ...INPUT, limits: { flops: FLOPS } });
  const [keys, gone] = [new Set<string>(), new Set<number>()];
  for (const [id, { network, epochs, continues }] of proposals.entries()) {
    expect(Number.isInteger(epochs) && epochs >= 1 && epochs <= EPOCHS, `training ${id} has ${epochs} epochs`);
    expect(coder.decode(network.genes, randomFor(0))?.key === network.key, `${network.key} is of the space`);
    if (continues === undefined) {
      expect(!keys.has(network.key), `${network.key} was asked for twice`);
      keys.add(network.key);
      continue;
    }
    const before = proposals[continues];
    expect(continues < id && !failed(continues), `training ${id} goes on with ${continues}`);
    expect(before.network.key === network.key && before.epochs < epochs, `training ${id} goes further`);
    expect(!gone.has(continues), `training ${continues} is gone on with twice`);
    gone.add(continues);
  }
}

function same(a: readonly Proposal[], b: readonly Proposal[]): void {
  expect(JSON.stringify(a) === JSON.stringify(b), "a replay asks for the same");
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
