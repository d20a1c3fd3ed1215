import type { BenchResult } from "./text.js";

const COLUMNS = [
  "model,task,batch,engine,precision,threads,mean_ms,stddev_ms,median_ms,min_ms,max_ms,p99_ms,runs,images_per_second,peak_bytes",
];

/** A line a measured workload, under a line of titles. */
export function formatCsv(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ name, workload, measurement }) => {
    if (!measurement) return [];
    const { timing, threads, peakBytes } = measurement;
    const what = [
      name,
      workload.train ? "train" : "infer",
      workload.batch,
      workload.engine,
      workload.precision,
      threads,
    ];
    const times = [timing.mean, timing.deviation, timing.median, timing.min, timing.max, timing.p99, timing.runs];
    return [[...what, ...times, (1000 * workload.batch) / timing.mean, peakBytes ?? ""].join(",")];
  });
  return [...COLUMNS, ...rows].join("\n");
}
