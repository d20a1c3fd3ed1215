import type { CustomSeriesOption } from "echarts";
import { expect, it } from "vitest";
import { errorDistributions } from "../../analysis/distributions.js";
import { syntheticPopulation } from "../../analysis/synthetic.js";
import { messagesFor } from "../messages/index.js";
import { edfChart } from "./edf.js";
import { defaultStyle } from "./style.js";

it("spans all errors, also where several networks have the same", () => {
  const trials = syntheticPopulation("ties", 40).map((trial) => ({
    ...trial,
    error: Math.round(trial.error * 20) / 20,
  }));
  const errors = trials.map(({ error }) => error);
  const { option, description } = edfChart(errorDistributions(trials), defaultStyle(messagesFor("en").chart));
  const axis = option.xAxis as { min: number; max: number };
  expect(axis.min).toBeLessThan(Math.min(...errors));
  expect(axis.max).toBeGreaterThan(Math.max(...errors));
  expect(description).toMatch(/ties {2}40 \| \d+\.\d \| \d+\.\d/);
});

it("has the whole curve's band as high left of all errors as theory says, also where they are all alike", () => {
  const trials = syntheticPopulation("alike", 20).map((trial) => ({ ...trial, error: 0.3 }));
  const { option } = edfChart(errorDistributions(trials), defaultStyle(messagesFor("en").chart), "dkw");
  const [shaded] = option.series as CustomSeriesOption[];
  const drawn = shaded.renderItem?.({} as never, { coord: (point: number[]) => point } as never);
  const [[, top]] = (drawn as { shape: { points: number[][] } }).shape.points;
  expect(top).toBeCloseTo(Math.sqrt(Math.log(2 / 0.05) / 40), 9);
});
