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
