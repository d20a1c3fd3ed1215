import { convnext, differentiate } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { bestEpoch } from "../run/read.js";
import { addToScore, emptyScore, rankOf } from "./accuracy.js";
import { adaptInput } from "./adaptInput.js";
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

  it("affords steps with the evaluations they bring", () => {
    const costs = { step: 0.1, evaluation: 1 };
    const steps = affordableSteps(100, costs, 50);
    expect(steps * 0.1 + (steps / 50) * 1).toBeLessThanOrEqual(100);
    expect(steps).toBeGreaterThan(800);
    expect(affordableSteps(-5, costs, 50)).toBe(0);
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

  it("suggests a tenth of the learning rate of the least loss", () => {
    const point = (learningRate: number, smoothed: number) => ({ learningRate, loss: smoothed, smoothed });
    const curve = [point(0.001, 2), point(0.01, 1.9), point(0.1, 1.2), point(1, 1), point(10, 4)];
    expect(summarise(curve)).toMatchObject({ suggestion: 0.1, steepest: 0.01 });
  });
});
