import { findModel } from "@regnet/core";
import type { Measurement } from "@regnet/engine";
import { describe, expect, it } from "vitest";
import { formatCsv } from "./csv.js";
import { planWorkloads } from "./plan.js";
import { type BenchResult, formatResult, formatSummary } from "./text.js";

const model = { name: "RegNetX-200MF", spec: findModel("RegNetX-200MF").spec, options: { resolution: 64 } };
const flags = { engine: "onnxruntime", batch: "1", precision: "fp32" };

function measured(mean: number, more: Partial<Measurement> = {}): Measurement {
  const timing = { runs: 50, mean, deviation: 0.1, median: mean, min: mean - 0.2, max: mean + 0.4, p99: mean + 0.3 };
  const memory = { parameters: 2 ** 20, activations: 0, scratch: 0, total: 2 ** 20 };
  return { timing, threads: 2, peakBytes: 3 * 2 ** 20, memory, compile: 9, notes: [], ...more };
}

function result(engine: "onednn" | "onnxruntime", mean: number, more?: Partial<Measurement>): BenchResult {
  const [{ name, workload }] = planWorkloads([model], { ...flags, batch: "4" });
  return { name, workload: { ...workload, engine }, measurement: measured(mean, more) };
}

describe("what bench measures", () => {
  it("is every model, batch, engine and precision", () => {
    const planned = planWorkloads([model, model], { ...flags, batch: "1,16" });
    expect(planned.map(({ workload }) => workload.batch)).toEqual([1, 16, 1, 16]);
    expect(planned[0].workload).toMatchObject({ engine: "onnxruntime", precision: "fp32", train: false });
  });

  it("leaves out precisions that an engine lacks when asked for all", () => {
    const planned = planWorkloads([model], { ...flags, precision: "all" });
    expect(planned.map(({ workload }) => workload.precision)).toEqual(["fp32"]);
  });

  it("refuses names it does not know", () => {
    expect(() => planWorkloads([model], { ...flags, engine: "onnxruntim" })).toThrow('did you mean "onnxruntime"');
    expect(() => planWorkloads([model], { ...flags, precision: "fp16" })).toThrow(/unknown precision: "fp16"/);
    expect(() => planWorkloads([model], { ...flags, batch: "1,,2" })).toThrow(/invalid list/);
    expect(() => planWorkloads([model], { ...flags, batch: "0" })).toThrow(/invalid --batch/);
  });
});

describe("what bench prints", () => {
  it("gives mean, deviation, range, p99, images a second and memory", () => {
    const text = formatResult(result("onednn", 2));
    expect(text).toContain("RegNetX-200MF, inference, batch 4, onednn fp32, 2 threads");
    expect(text).toContain("2.00 ms ± 0.100 ms   2000 images/s");
    expect(text).toContain("1.80 ms … 2.40 ms   median 2.00 ms   p99 2.30 ms   50 runs");
    expect(text).toContain("3.00 MiB at the peak");
    expect(text).not.toContain("warning");
  });

  it("warns when the runs spread", () => {
    expect(formatResult(result("onednn", 0.5))).toContain("warning: the runs spread by 20 %");
  });

  it("compares contestants with the fastest", () => {
    const text = formatSummary([result("onnxruntime", 4), result("onednn", 2)]);
    expect(text).toMatch(
      /^RegNetX-200MF, batch 4: onednn fp32 ran\n {4}2\.00 ± 0\.11 times faster than onnxruntime fp32$/,
    );
    expect(formatSummary([result("onednn", 2)])).toBe("");
  });

  it("shows the slowest layers and the advice", () => {
    const layer = {
      node: "s1.b1.conv1.conv",
      op: "conv2d",
      kernels: ["jit"],
      milliseconds: 1,
      reorders: 0,
      share: 0.5,
    };
    const advice = { text: "choose 16", nodes: [], share: 0.5 };
    const layers = [
      { ...layer, gigaflops: 123.4 },
      { ...layer, node: "s1.b2.conv1.conv", milliseconds: 0.5, share: 0.25, gigaflops: 60.4 },
      { ...layer, node: "s1.b1.conv1.bn", op: "batchNorm", milliseconds: 0.49, share: 0.245 },
      { ...layer, node: "pool", op: "globalAveragePool", milliseconds: 0.01, share: 0.005 },
    ];
    const text = formatResult(result("onednn", 2, { layers, advice: [advice] }));
    expect(text).toMatch(/1\.000 +50\.0 % +123 {2}s1\.b1\.conv1\.conv +conv2d +jit/);
    expect(text).toContain("  by op: conv2d 75 %, batchNorm 25 %\n");
    expect(text).toContain("  convolutions and linear layers: 75 %, 1.50 ms, at 102 GFLOP/s in all");
    expect(text).toContain("advice: choose 16");
  });

  it("keeps failures in their place", () => {
    const failed = { ...result("onednn", 2), measurement: undefined, error: "out of memory" };
    expect(formatResult(failed)).toContain("failed: out of memory");
    expect(formatSummary([failed, failed])).toBe("");
  });

  it("writes comma-separated values", () => {
    const [titles, row] = formatCsv([result("onednn", 2)]).split("\n");
    expect(row.split(",")).toHaveLength(titles.split(",").length);
    expect(row).toMatch(/^RegNetX-200MF,infer,4,onednn,fp32,2,2,/);
  });
});
