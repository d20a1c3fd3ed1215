import { convnext, differentiate } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { bestEpoch } from "../run/read.js";
import { addToScore, emptyScore, rankOf } from "./accuracy.js";
import { adaptInput } from "./adaptInput.js";
import { Clock } from "./clock.js";
import { drawDropPaths, dropPathInputs } from "./dropPath.js";
import { summarise } from "./finder.js";
import type { EpochMetrics } from "./options.js";
import { affordableSteps, planSteps, replan, shareAt } from "./plan.js";
import { averageShare } from "./stepper.js";

describe("a score", () => {
  it("counts ranks, ties for the first, and cross-entropy; padding does not count", () => {
    const score = emptyScore();
    addToScore(score, Float32Array.of(2, 1, 0, 0, 0, 0), [1, -1], 3);
    const logSum = Math.log(Math.exp(2) + Math.exp(1) + 1);
    expect(score).toMatchObject({ images: 1, top1: 0, top5: 1 });
    expect(score.loss).toBeCloseTo(logSum - 1, 6);
    expect(rankOf(Float32Array.of(1, 1), 0)).toBe(0);
    expect(rankOf(Float32Array.of(1, 1), 1)).toBe(1);
    expect(rankOf(Float32Array.of(Number.NaN, 1), 0)).toBe(2);
  });
});

describe("a plan", () => {
  it("goes evenly to its end, and on without a jump when it changes", () => {
    const plan = planSteps(100);
    expect([shareAt(plan, 0), shareAt(plan, 25), shareAt(plan, 100)]).toEqual([0, 0.25, 1]);
    const longer = replan(plan, 50, 250);
    expect(shareAt(longer, 50)).toBe(0.5);
    expect(shareAt(longer, 150)).toBe(0.75);
    expect(shareAt(longer, 250)).toBe(1);
    expect(replan(plan, 50, 20).steps).toBe(51);
  });

  it("affords as many steps as leave time for their evaluations, the last one's among them", () => {
    const costs = { step: 0.125, evaluation: 2 };
    const costOf = (steps: number, since: number) =>
      steps * costs.step + Math.ceil((since + steps) / 50) * costs.evaluation;
    for (const since of [0, 1, 30, 49]) {
      for (let seconds = 3; seconds < 100; seconds += 0.75) {
        const steps = affordableSteps(seconds, costs, 50, since);
        expect(costOf(steps, since)).toBeLessThanOrEqual(seconds);
        expect(costOf(steps + 1, since)).toBeGreaterThan(seconds);
      }
    }
    expect(affordableSteps(-5, costs, 50)).toBe(0);
  });
});

describe("a training's clock", () => {
  it("reckons with the last evaluation, and keeps what the longest took more", () => {
    const clock = new Clock(5, performance.now());
    clock.step(0.5);
    expect([clock.evaluationSeconds(10), clock.reserve]).toEqual([2, 0]);
    for (const seconds of [3, 2]) clock.evaluation(seconds);
    expect([clock.evaluationSeconds(10), clock.reserve]).toEqual([2, 1]);
    clock.evaluation(4);
    expect([clock.evaluationSeconds(10), clock.reserve]).toEqual([4, 0]);
  });
});

describe("the best epoch", () => {
  it("has the least error, of equal ones the least loss, of those the first", () => {
    const of = (...scores: [number, number][]) =>
      bestEpoch(scores.map(([error, valLoss], i) => ({ epoch: i + 1, error, valLoss }) as EpochMetrics))?.epoch;
    expect(of()).toBeUndefined();
    expect(of([0.5, 1], [0.4, 9], [0.5, 0.1])).toBe(2);
    expect(of([0.5, 2], [0.5, 1], [0.5, 1])).toBe(2);
  });
});

describe("adaptInput", () => {
  const rgb = Float32Array.of(1, 2, 3, 10, 20, 30);
  it("sums RGB for one channel", () => {
    expect([...adaptInput(rgb, [2, 1, 1, 1], () => {})]).toEqual([6, 60]);
  });

  it("repeats RGB for more, scaled to the same sum", () => {
    const four = adaptInput(rgb, [2, 4, 1, 1], () => {});
    expect([...four].map((value) => value / (3 / 4))).toEqual([1, 2, 3, 1, 10, 20, 30, 10]);
  });

  it("refuses what is not for RGB", () => {
    expect(() => adaptInput(rgb, [3, 1, 1, 1], () => {})).toThrow(/invalid weights of the input convolution/);
  });
});

describe("drop-path", () => {
  const forward = convnext({ depths: [1, 1], widths: [8, 8], dropPath: 0.25 }, { batch: 4000, resolution: 8 });
  const inputs = dropPathInputs(differentiate(forward, { kind: "softmaxCrossEntropy" }, undefined), forward);
  const draw = (step: number) => {
    const masks = new Map(inputs.map(({ name }) => [name, new Float32Array(4000)]));
    drawDropPaths({ input: (name: string) => masks.get(name)! } as never, inputs, 1, step);
    return masks.get(inputs[0].name)!;
  };

  it("skips with the block's rate, makes up for it, and depends on the step alone", () => {
    expect(inputs.map(({ rate }) => rate)).toEqual([0.25]);
    const mask = draw(7);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(mask.reduce((a, b) => a + b) / 4000).toBeCloseTo(1, 1);
    expect(draw(7)).toEqual(mask);
    expect(draw(8)).not.toEqual(mask);
  });
});

describe("the rest", () => {
  it("averages faster at first", () => {
    expect(averageShare(0.99, 0)).toBeCloseTo(0.9, 12);
    expect(averageShare(0.99, 1e6)).toBeCloseTo(0.01, 12);
  });
});

describe("the learning rate that is suggested", () => {
  /** A curve of 120 points from 1e-4 to 10, by the logarithm of the learning rate, with noise that each point keeps. */
  const curveOf = (smoothed: (log: number) => number) =>
    Array.from({ length: 120 }, (_, i) => {
      const log = -4 + (5 * i) / 119;
      const value = smoothed(log) + 0.01 * Math.sin(i * i);
      return { learningRate: 10 ** log, loss: value, smoothed: value };
    });
  const falls = (log: number) => 2.3 - 1 / (1 + Math.exp(-6 * (log + 2)));
  const rises = (log: number) => 4 * Math.max(0, log + 0.5);

  it("is that of the steepest fall", () => {
    const { suggestion, steepest, edge } = summarise(curveOf((log) => falls(log) + rises(log)));
    expect(Math.log10(steepest!)).toBeCloseTo(-2, 0);
    expect(Math.log10(edge!)).toBeCloseTo(-0.5, 0);
    expect(suggestion).toBe(Number(steepest!.toPrecision(2)));
  });

  it("is a third of where the loss first rises, where it does not fall, whatever the first losses were", () => {
    const curve = curveOf((log) => 2.3 + rises(log));
    curve[0] = { ...curve[0], smoothed: 0.1 };
    const { suggestion, steepest, edge } = summarise(curve);
    expect(steepest).toBeUndefined();
    expect(suggestion).toBe(Number((edge! / 3).toPrecision(2)));
  });

  it("keeps away from the edge", () => {
    const { suggestion, edge } = summarise(curveOf((log) => falls(log) + 40 * Math.max(0, log + 1.7)));
    expect(suggestion).toBe(Number((edge! / 3).toPrecision(2)));
  });

  it("is none where the loss does nothing, or is no number from the start", () => {
    expect(summarise(curveOf(() => 2.3)).suggestion).toBeUndefined();
    expect(summarise([])).toEqual({ curve: [], suggestion: undefined, steepest: undefined, edge: undefined });
  });
});
