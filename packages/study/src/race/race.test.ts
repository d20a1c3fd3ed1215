import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exploringShare, planRace } from "./plan.js";
import { type Observation, type RaceState, standingOf } from "./race.js";
import { noiseOf, TRAINING_NOISE, verdictOf } from "./verdict.js";

const entrants = (count: number) => Array.from({ length: count }, (_, id) => ({ id, origin: "drawn" as const }));
const seen = (rung: number, errors: readonly (number | undefined)[], images = 1000): Observation[] =>
  errors.map((error, entrant) => ({ rung, entrant, images, ...(error !== undefined && { error }) }));
const plan = {
  unit: "seconds",
  rungs: [
    { entrants: 6, until: 4 },
    { entrants: 2, until: 12 },
  ],
} as const;

/** Runs a race whose errors are given by rung and entrant. */
function run(state: RaceState, errorOf: (rung: number, entrant: number) => number) {
  const observations = [...state.observations];
  const trained = new Map<number, number>();
  for (;;) {
    const { action, falls } = standingOf({ ...state, observations });
    if (action.kind !== "train") return { action, falls, trained };
    for (const entrant of action.entrants) {
      trained.set(entrant, action.until);
      observations.push({ rung: action.rung, entrant, images: 1000, error: errorOf(action.rung, entrant) });
    }
  }
}

describe("standingOf", () => {
  it("trains all, then the better ones from where they are, then the best to the end", () => {
    const state = { plan, entrants: entrants(6), observations: [] };
    expect(standingOf(state).action).toEqual({ kind: "train", rung: 0, entrants: [0, 1, 2, 3, 4, 5], until: 4 });
    const first = seen(0, [0.6, 0.42, 0.58, 0.4, 0.57, 0.43]);
    const { action, falls } = standingOf({ ...state, observations: first });
    expect(action).toEqual({ kind: "train", rung: 1, entrants: [3, 1], until: 12 });
    expect(falls.map(({ entrant, why }) => [entrant, why])).toEqual([
      [5, "rank"],
      [4, "beaten"],
      [2, "beaten"],
      [0, "beaten"],
    ]);
    const second = [
      { rung: 1, entrant: 3, images: 1000, error: 0.31 },
      { rung: 1, entrant: 1, images: 1000, error: 0.3 },
    ];
    expect(standingOf({ ...state, observations: [...first, ...second] }).action).toEqual({
      kind: "finish",
      entrant: 1,
    });
  });

  it("ends early where nobody else can win any more", () => {
    const { action, trained } = run({ plan, entrants: entrants(6), observations: [] }, (_, id) =>
      id === 2 ? 0.2 : 0.6,
    );
    expect(action).toEqual({ kind: "finish", entrant: 2 });
    expect(trained.get(2)).toBe(4);
  });

  it("leaves out what failed, and says so where nothing is left", () => {
    const observations = seen(0, [undefined, 0.4, undefined]);
    const state = { plan, entrants: entrants(3), observations };
    expect(standingOf(state)).toMatchObject({
      action: { kind: "finish", entrant: 1 },
      falls: [
        { entrant: 0, why: "failed" },
        { entrant: 2, why: "failed" },
      ],
    });
    const none = { ...state, observations: seen(0, [undefined, undefined, undefined]) };
    expect(standingOf(none).action).toEqual({ kind: "none" });
  });

  it("waits for a rung as a whole, and does not look at who was seen first", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(seen(0, [0.6, 0.42, 0.58, 0.4, 0.57, 0.46]), { minLength: 6 }),
        (observations) => {
          const state = { plan, entrants: entrants(6), observations };
          expect(standingOf(state).action).toMatchObject({ entrants: [3, 1] });
          const part = { ...state, observations: observations.slice(1) };
          expect(standingOf(part).action).toMatchObject({ kind: "train", rung: 0 });
        },
      ),
    );
  });

  it("trains the first entrant where there is no rung", () => {
    const { action } = standingOf({ plan: { unit: "steps", rungs: [] }, entrants: entrants(1), observations: [] });
    expect(action).toEqual({ kind: "finish", entrant: 0 });
  });

  it("always ends with one entrant, none of whom was ever trained less than before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 30, max: 5000, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (count, work, processes, errors) => {
          const made = planRace({ work, unit: "seconds", processes, overhead: 1, least: 2, entrants: count });
          const state = { plan: made, entrants: entrants(made.rungs[0]?.entrants ?? 1), observations: [] };
          const { action, falls } = run(state, () => errors.next().value ?? 0);
          expect(action.kind).toBe("finish");
          expect(falls).toHaveLength(state.entrants.length - 1);
          expect(new Set(falls.map(({ entrant }) => entrant)).size).toBe(falls.length);
        },
      ),
    );
  });
});

describe("verdictOf", () => {
  it("takes differences within noise for none: only places decide there", () => {
    const near = verdictOf(seen(0, [0.4, 0.41, 0.405]), 3);
    expect(near.kept).toEqual([0, 2, 1]);
    const far = verdictOf(seen(0, [0.4, 0.58, 0.405]), 3);
    expect(far.falls).toMatchObject([{ entrant: 1, why: "beaten" }]);
  });

  it("reckons with the images that errors were counted on and with what the seed does", () => {
    const [a, b] = seen(0, [0.2, 0.2], 400);
    const later = noiseOf({ ...a, rung: 99 }, { ...b, rung: 99 });
    expect(later).toBeCloseTo(Math.sqrt((2 * 0.16) / 400 + 2 * TRAINING_NOISE ** 2), 12);
    expect(noiseOf(a, b)).toBeGreaterThan(later);
    const [c, d] = seen(0, [0.2, 0.2], 40_000);
    expect(noiseOf(c, d)).toBeLessThan(noiseOf(a, b));
  });
});

describe("planRace", () => {
  const asked = { unit: "seconds", processes: 2, overhead: 1.5, least: 3 } as const;

  it("explores hardly at all in a minute, and more the more time there is", () => {
    const sizes = [20, 60, 170, 580, 3500].map((work) => planRace({ ...asked, work }).rungs[0]?.entrants ?? 1);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(sizes[0]).toBe(1);
    expect(sizes.at(-1)).toBeGreaterThanOrEqual(20);
  });

  it("keeps what does not win to its share", () => {
    for (const work of [60, 170, 580, 1750, 3500]) {
      const { exploring, rungs } = planRace({ ...asked, work });
      expect(exploring).toBeLessThanOrEqual(exploringShare(work) * work * 1.001);
      const losers = rungs.reduce(
        (sum, { entrants: n, until }, i) => sum + (n - 1) * (until - (rungs[i - 1]?.until ?? 0)) + n * asked.overhead,
        0,
      );
      expect(losers / asked.processes).toBeCloseTo(exploring, 0);
    }
  });

  it("fills the processes, and gives as many entrants as were asked for", () => {
    expect(planRace({ ...asked, processes: 4, work: 2000 }).rungs.map(({ entrants: n }) => n)).toEqual([20, 8, 4, 2]);
    expect(planRace({ ...asked, work: 100, entrants: 12 }).rungs[0]).toMatchObject({ entrants: 12 });
    expect(planRace({ ...asked, work: 100, entrants: 1 }).rungs).toEqual([]);
  });

  it("counts whole steps", () => {
    const { rungs } = planRace({ unit: "steps", processes: 1, overhead: 0, least: 1, work: 60, entrants: 4 });
    for (const { until } of rungs) expect(Number.isInteger(until)).toBe(true);
  });
});

it("knows no files, processes or clocks", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((file) => !file.endsWith(".test.ts"))) {
    const text = readFileSync(new URL(name, folder), "utf8");
    const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, module]) => module);
    expect(
      imports.filter((module) => !module.startsWith("./")),
      name,
    ).toEqual([]);
    expect(text, name).not.toMatch(/performance|Date|process\.|Math\.random/);
  }
});
