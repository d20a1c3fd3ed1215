import { paretoFront } from "@regnet/core";
import { type Metric, metrics, type ParetoFront, type ParetoPoint } from "./data.js";
import type { FinishedTrial } from "./trial.js";

/** The networks that no other beats in both error and cost, for every cost that is known of some. */
export function paretoFronts(trials: readonly FinishedTrial[]): ParetoFront[] {
  return metrics.flatMap((metric) => {
    const points = trials.flatMap((trial) => pointOf(trial, metric));
    if (points.length === 0) return [];
    const front = paretoFront(
      points.map(({ x }) => x),
      points.map(({ error }) => error),
    );
    return [{ metric, points, front }];
  });
}

function pointOf(trial: FinishedTrial, metric: Metric): ParetoPoint[] {
  const { id, population, error } = trial;
  const x = metricOf(trial, metric);
  if (x === undefined || !(x > 0)) return [];
  return [{ id, population, x, error, predicted: metric === "latency" && trial.latency?.from === "predicted" }];
}

/** What a network costs by one measure, where it is known. */
export function metricOf(trial: Pick<FinishedTrial, "complexity" | "latency">, metric: Metric): number | undefined {
  return metric === "latency" ? trial.latency?.milliseconds : trial.complexity[metric];
}
