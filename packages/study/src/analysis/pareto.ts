import { paretoFront } from "@regnet/core";
import { type Metric, metrics, type ParetoFront } from "./data.js";
import type { FinishedTrial } from "./trial.js";

/** The networks that no other beats in both error and cost, for every cost that all trials know. */
export function paretoFronts(trials: readonly FinishedTrial[]): ParetoFront[] {
  return metrics.flatMap((metric) => {
    const points = trials.flatMap(({ id, population, error, ...trial }) => {
      const x = metricOf(trial, metric);
      return x !== undefined && x > 0 ? [{ id, population, x, error }] : [];
    });
    if (points.length === 0 || points.length < trials.length / 2) return [];
    const front = paretoFront(
      points.map((p) => p.x),
      points.map((p) => p.error),
    );
    return [{ metric, points, front: front.map((index) => points[index].id) }];
  });
}

/** What a network costs by one measure, where it is known. */
export function metricOf(trial: Pick<FinishedTrial, "complexity" | "latency">, metric: Metric): number | undefined {
  return metric === "latency" ? trial.latency : trial.complexity[metric];
}
