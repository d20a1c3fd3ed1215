import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullSecondsNow, type PlanInput, planDesign, trialSeconds } from "./plan.js";

const speed = { imagesPerSecond: 3000, evaluatedPerSecond: 9000, overhead: 1 };
const quick: PlanInput = {
  budget: 180,
  left: 165,
  speeds: [speed],
  processes: 2,
  train: 60_000,
  validation: 10_000,
  classes: 10,
  finalists: 3,
  baseline: true,
};

const total = (plan: ReturnType<typeof planDesign>, rounds: number) =>
  plan.exploreSeconds[0] + plan.refineSeconds + rounds * plan.fullSeconds[0] + plan.reserve;

describe("planDesign", () => {
  it("divides three minutes of small images", () => {
    const plan = planDesign(quick);
    expect(plan.networks).toBeGreaterThan(15);
    expect(plan.trial.train).toBeGreaterThan(5000);
    expect(plan.trial.epochs).toBe(1);
    expect(plan.refined).toBeGreaterThan(5);
    expect(plan.finalists).toBe(3);
    expect(total(plan, 2)).toBeCloseTo(165, 6);
  });

  it("takes whole epochs where a data set is small", () => {
    const { trial } = planDesign({ ...quick, train: 1000, validation: 200 });
    expect(trial.epochs).toBeGreaterThan(3);
    expect(trial).toMatchObject({ train: 1000, validation: 200 });
  });

  it("gives every network of a family as many epochs", () => {
    const speeds = [4, 1, 0.25].map((factor) => ({ ...speed, imagesPerSecond: 3000 * factor }));
    const plan = planDesign({ ...quick, left: 1200, speeds });
    const epochs = plan.fullSeconds.map((seconds, i) => seconds * speeds[i].imagesPerSecond);
    for (const one of epochs) expect(one).toBeCloseTo(epochs[0], 3);
    expect(plan).toMatchObject({ refined: 0, finalists: 3 });
  });

  it("says what time would do where there is too little", () => {
    const text = attempt({ ...quick, budget: 20, left: 8 });
    const [, needed, enough] = /8 s are left, (\d+) s are needed; give --time (\d+)s or more/.exec(text) ?? [];
    expect(planDesign({ ...quick, left: Number(needed) }).networks).toBeGreaterThanOrEqual(6);
    expect(Number(enough)).toBeGreaterThanOrEqual(12 + Number(needed));
  });

  it("fills every process where there are many, and leaves time for a round in the narrowed space", () => {
    for (const processes of [3, 16, 64, 200]) {
      const plan = planDesign({ ...quick, processes });
      expect(plan.networks === 128 || plan.networks % processes === 0).toBe(true);
      expect(plan.refined).toBeGreaterThan(0);
      expect(trialSeconds(speed, plan.trial)).toBeLessThanOrEqual(plan.refineSeconds);
    }
  });

  it("gives each budget of a family its own share of the exploration", () => {
    const speeds = [4, 1].map((factor) => ({ ...speed, imagesPerSecond: 3000 * factor }));
    const plan = planDesign({ ...quick, left: 1200, speeds });
    for (const [i, one] of speeds.entries())
      expect(plan.exploreSeconds[i]).toBeCloseTo(lasting(plan.networks, trialSeconds(one, plan.trial), 2), 6);
    expect(plan.exploreSeconds[0]).toBeLessThan(plan.exploreSeconds[1]);
  });

  it("never plans beyond its time", () => {
    const input = fc.record({
      left: fc.double({ min: 60, max: 50_000, noNaN: true }),
      rate: fc.double({ min: 20, max: 20_000, noNaN: true }),
      overhead: fc.double({ min: 0, max: 3, noNaN: true }),
      processes: fc.integer({ min: 1, max: 64 }),
      train: fc.integer({ min: 100, max: 1_300_000 }),
    });
    fc.assert(
      fc.property(input, ({ left, rate, overhead, processes, train }) => {
        const one = { imagesPerSecond: rate, evaluatedPerSecond: 3 * rate, overhead };
        const full = { ...quick, left, processes, train, validation: Math.ceil(train / 5), speeds: [one] };
        const text = attempt(full);
        if (text) {
          expect(text).toMatch(/the time does not suffice/);
          return;
        }
        const plan = planDesign(full);
        const seconds = trialSeconds(one, plan.trial);
        const explored = lasting(plan.networks, seconds, processes);
        const refined = lasting(plan.refined, seconds, processes);
        expect(explored).toBeLessThanOrEqual(plan.exploreSeconds[0] * 1.000001);
        expect(refined).toBeLessThanOrEqual(plan.refineSeconds * 1.000001);
        const rounds = Math.ceil((plan.finalists + 1) / processes);
        const all = explored + refined + rounds * plan.fullSeconds[0] + plan.reserve;
        expect(all).toBeLessThanOrEqual(left * 1.000001);
        expect(plan.fullSeconds[0]).toBeGreaterThan(0);
      }),
    );
  });
});

/** Seconds until so many trials are done, each begun by the process that is free first. */
function lasting(trials: number, seconds: number, processes: number): number {
  const free = new Array<number>(processes).fill(0);
  for (let i = 0; i < trials; i++) {
    free.sort((a, b) => a - b);
    free[0] += seconds;
  }
  return Math.max(...free);
}

function attempt(input: PlanInput): string {
  try {
    planDesign(input);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("fullSecondsNow", () => {
  it("shares what is left in the proportions of the plan", () => {
    const plan = planDesign(quick);
    const [seconds] = fullSecondsNow(plan, 80, 4, 2);
    expect(2 * seconds + plan.reserve + 3).toBeCloseTo(80, 6);
    const family = { ...plan, fullSeconds: [1, 2, 4] };
    expect(fullSecondsNow(family, 50 + plan.reserve, 3, 2)).toEqual([11.75, 23.5, 47]);
  });
});
