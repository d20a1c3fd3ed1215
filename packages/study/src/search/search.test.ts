import { findSpace } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { replay, searchOf } from "./replay.js";
import { rungEpochs } from "./rungs.js";
import { samplerContract } from "./samplerContract.js";
import { type SearchInput, searchKinds, searchSchema } from "./schema.js";
import { drawn, type Proposal, type Search, type SearchGround } from "./search.js";

const create = (input: SearchInput) => searchOf(searchSchema.parse(input));
const random: Search = { next: (_, ground) => drawn(ground, ground.left) };

samplerContract("random", () => random, { describe, it });
for (const kind of searchKinds) samplerContract(kind, () => create({ kind }), { describe, it });

/** A smooth valley: best at depth 12 and a group width of 16, the wider the better. */
function valley({ network: { spec, complexity }, epochs }: Proposal): number {
  if (spec.family !== "regnet") throw new TypeError("a RegNet was expected");
  const deep = Math.log(spec.depth / 12) ** 2;
  const grouped = Math.log(spec.groupWidth / 16) ** 2;
  return 0.2 + 0.05 * deep + 0.03 * grouped + 0.02 * Math.log(6e7 / complexity.flops) + 0.3 / epochs;
}

function run(search: Search, { seed = 0, trials = 60, epochs = 27 } = {}): readonly Proposal[] {
  let known: readonly Proposal[] = [];
  for (;;) {
    const before = known;
    known = replay(search, findSpace("RegNetX"), {
      ...{ resolution: 32, channels: 3, classes: 10, limits: { flops: { max: 6e7 } } },
      ...{ seed, trials, epochs, outcome: (id: number) => before[id] && { error: valley(before[id]) } },
    }).proposals;
    if (known.length === before.length) return known;
  }
}

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("searches", () => {
  it.each(["evolution", "tpe"] as const)("%s finds better networks than drawing does", (kind) => {
    const best = (search: Search) => mean(SEEDS.map((seed) => Math.min(...run(search, { seed }).map(valley))));
    expect(best(create({ kind }))).toBeLessThan(best(random) - 0.004);
  });

  it.each(["halving", "asha"] as const)("%s looks at more networks than drawing does, at equal epochs", (kind) => {
    const [spent, networks] = [[] as number[], [] as number[]];
    for (const seed of SEEDS) {
      const trained = run(create({ kind }), { seed, trials: 78 });
      const own = trained.map(
        ({ epochs, continues }) => epochs - (continues === undefined ? 0 : trained[continues].epochs),
      );
      spent.push(own.reduce((sum, n) => sum + n, 0));
      networks.push(trained.filter(({ continues }) => continues === undefined).length);
    }
    expect(mean(networks)).toBeGreaterThan((1.8 * mean(spent)) / 27);
  });

  it("changes the best of a sample in one parameter", () => {
    const trained = run(create({ kind: "evolution", population: 16, sample: 16, wave: 1 }));
    for (let id = 16; id < trained.length; id++) {
      const alive = trained.slice(id - 16, id);
      const parent = alive.reduce((a, b) => (valley(b) < valley(a) ? b : a));
      const changed = trained[id].network.genes.filter((gene, i) => gene !== parent.network.genes[i]);
      expect(changed.length).toBe(1);
    }
  });

  it("halves: one network in three goes on, the best of its rung", () => {
    const trained = run(create({ kind: "halving", networks: 27 }), { trials: 39 });
    expect(trained.map(({ epochs }) => epochs)).toEqual([
      ...Array(27).fill(3),
      ...Array(9).fill(9),
      ...Array(3).fill(27),
    ]);
    const best = trained.slice(0, 27).map((one, id) => [valley(one), id]);
    const expected = best
      .sort(([a], [b]) => a - b)
      .slice(0, 9)
      .map(([, id]) => id);
    expect(trained.slice(27, 36).map(({ continues }) => continues)).toEqual(expected);
  });

  it("promotes at once what is in the upper third of its rung", () => {
    const trained = run(create({ kind: "asha", wave: 1 }), { trials: 60 });
    const first = trained.findIndex(({ continues }) => continues !== undefined);
    expect(first).toBe(3);
    const top = [0, 1, 2].reduce((a, b) => (valley(trained[b]) < valley(trained[a]) ? b : a));
    expect(trained[3]).toMatchObject({ continues: top, epochs: 9 });
  });

  it("has rungs a factor apart, the last one in full", () => {
    expect(rungEpochs({ eta: 3 }, 27)).toEqual([3, 9, 27]);
    expect(rungEpochs({ eta: 3 }, 10)).toEqual([1, 3, 10]);
    expect(rungEpochs({ eta: 3, least: 1 }, 27)).toEqual([1, 3, 9, 27]);
    expect(rungEpochs({ eta: 2, least: 5 }, 5)).toEqual([5]);
    expect(rungEpochs({ eta: 3 }, 1)).toEqual([1]);
  });

  it("refuses a search that asks for nothing", () => {
    const idle: Search = { next: (_seen, _ground: SearchGround) => [] };
    expect(() => run(idle)).toThrow(/has to ask/);
  });
});
